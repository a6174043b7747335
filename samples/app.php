<?php
// SPDX-License-Identifier: ISC
header('Content-Type: text/plain; charset=utf-8');
echo 'Hello ' . $_SERVER['HTTP_REMOTE_USER'] . "\n";

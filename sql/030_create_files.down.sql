-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS file_chunks;
DROP TABLE IF EXISTS files;

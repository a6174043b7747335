-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS article_tags;
DROP TABLE IF EXISTS tags;

-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS writers;
DROP TABLE IF EXISTS totals;
DROP TABLE IF EXISTS article_bodies;
DROP TABLE IF EXISTS articles;

-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS mailing_files;

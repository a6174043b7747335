-- SPDX-License-Identifier: ISC
DROP TABLE IF EXISTS group_members;

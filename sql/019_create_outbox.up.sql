-- SPDX-License-Identifier: ISC
-- Mails to be sent, written in the transaction of their cause: which letter, to whom, and what its template is
-- told (JSON, no secrets: a link's token is made as the mail is sent). A worker that takes a row in hand puts its
-- due_at off, so that nobody else does; `doubts` counts the times it was taken and nobody knows what came of it.
CREATE TABLE IF NOT EXISTS outbox (
	id         BIGINT UNSIGNED   NOT NULL AUTO_INCREMENT PRIMARY KEY,
	letter     VARCHAR(20)       NOT NULL,
	user_id    BIGINT UNSIGNED   NULL,
	address    VARCHAR(254)      NOT NULL,
	told       MEDIUMTEXT        NOT NULL,
	mailing_id BIGINT UNSIGNED   NULL,
	state      VARCHAR(10)       NOT NULL DEFAULT 'waiting',
	created_at DATETIME(3)       NOT NULL,
	due_at     DATETIME(3)       NOT NULL,
	done_at    DATETIME(3)       NULL,
	claim      CHAR(32)          NULL,
	tries      SMALLINT UNSIGNED NOT NULL DEFAULT 0,
	doubts     TINYINT UNSIGNED  NOT NULL DEFAULT 0,
	answer     VARCHAR(500)      NULL,
	KEY outbox_due (state, due_at),
	KEY outbox_done (done_at),
	CONSTRAINT outbox_state CHECK (state IN ('waiting', 'sent', 'failed')),
	CONSTRAINT outbox_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
	CONSTRAINT outbox_mailing FOREIGN KEY (mailing_id) REFERENCES mailings (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_nopad_bin;

# SPDX-License-Identifier: AGPL-3.0-or-later
# Runs when a user moves or copies a message out of Junk or quarantine. Thrown away is not
# rehabilitated, nor moved from one of them to the other.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :is "imap.mailbox" [
  "Trash", "Deleted Items", "Deleted Messages", "Junk", "Junk E-mail", "Spam", "Quarantine"
] {
  stop;
}
if environment :matches "imap.user" "*" {
  pipe :copy "learn" ["ham", "${1}"];
}

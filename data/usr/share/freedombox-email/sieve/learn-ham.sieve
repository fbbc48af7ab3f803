# SPDX-License-Identifier: AGPL-3.0-or-later
# Runs when a user moves or copies a message out of Junk. Thrown away is not rehabilitated.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :is "imap.mailbox" ["Trash", "Deleted Items", "Deleted Messages"] {
  stop;
}
if environment :matches "imap.user" "*" {
  pipe :copy "learn" ["ham", "${1}"];
}

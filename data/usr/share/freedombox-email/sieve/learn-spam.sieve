# SPDX-License-Identifier: AGPL-3.0-or-later
# Runs when a user moves or copies a message into Junk.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :matches "imap.user" "*" {
  pipe :copy "learn" ["spam", "${1}"];
}

# SPDX-License-Identifier: AGPL-3.0-or-later
# Runs before a user's own script: what the spam filter marked goes to Junk and is not
# looked at further, so that no automatic answer is ever sent to a spammer.
#
# A message for several mailboxes has a score; the memory of this mailbox is asked once more. What it
# says counts. If it has nothing to say, or does not answer, the mark counts.
require ["fileinto", "mailbox", "variables", "environment", "vnd.dovecot.environment",
  "vnd.dovecot.execute"];

set "verdict" "first";
if allof (exists "X-FreedomBox-Score", environment :matches "vnd.dovecot.username" "*") {
  if not execute :pipe :output "verdict" "judge" ["${1}"] {
    set "verdict" "first";
  }
}
if anyof (
  string "${verdict}" "junk",
  allof (header :is "X-Spam" "Yes", not string "${verdict}" "inbox")
) {
  fileinto :create "Junk";
  stop;
}

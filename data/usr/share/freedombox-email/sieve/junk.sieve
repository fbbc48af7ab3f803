# SPDX-License-Identifier: AGPL-3.0-or-later
# Runs before a user's own script: what the spam filter marked goes to Junk and is not
# looked at further, so that no automatic answer is ever sent to a spammer.
require ["fileinto", "mailbox"];

if header :is "X-Spam" "Yes" {
  fileinto :create "Junk";
  stop;
}

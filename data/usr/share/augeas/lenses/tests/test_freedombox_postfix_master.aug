(* SPDX-License-Identifier: AGPL-3.0-or-later *)
module Test_freedombox_postfix_master =

let lns = Freedombox_postfix_master.lns

let text = "# service type
smtp      inet  n       -       y       -       -       smtpd
relay     unix  -       -       y       -       -       smtp
        -o syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name
#       -o smtp_helo_timeout=5

  -o { smtp_x = a,
# not } this {
    b } -v
"

test lns get text =
  { "#comment" = "service type" }
  { "service" = "smtp"
    { "type" = "inet" }
    { "private" = "n" }
    { "unprivileged" = "-" }
    { "chroot" = "y" }
    { "wakeup" = "-" }
    { "limit" = "-" }
    { "command" = "smtpd" } }
  { "service" = "relay"
    { "type" = "unix" }
    { "private" = "-" }
    { "unprivileged" = "-" }
    { "chroot" = "y" }
    { "wakeup" = "-" }
    { "limit" = "-" }
    { "command" = "smtp" }
    { "word" = "-o" }
    { "word" = "syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name" }
    { "word" = "-o" }
    { "word" = "{ smtp_x = a,\n# not } this {\n    b }" }
    { "word" = "-v" } }

test lns get "127.0.0.1:10025 inet n - n - - smtpd\nprivate/x unix n - n 60? 0 pipe\n  user=a argv=b $c\n" =
  { "service" = "127.0.0.1:10025"
    { "type" = "inet" }
    { "private" = "n" }
    { "unprivileged" = "-" }
    { "chroot" = "n" }
    { "wakeup" = "-" }
    { "limit" = "-" }
    { "command" = "smtpd" } }
  { "service" = "private/x"
    { "type" = "unix" }
    { "private" = "n" }
    { "unprivileged" = "-" }
    { "chroot" = "n" }
    { "wakeup" = "60?" }
    { "limit" = "0" }
    { "command" = "pipe" }
    { "word" = "user=a" }
    { "word" = "argv=b" }
    { "word" = "$c" } }

test lns get "smtp inet n - y - -\n" = *
test lns get "smtp inet n - y - - smtpd -o {a\n" = *
test lns get "smtp inet n - y - - smtpd # no comment\n" = *
test lns get "  smtp inet n - y - - smtpd\n" = *

test lns put "smtp      inet  n -       y -       -       smtpd\n# c\n" after
  set "/service/chroot" "n" ; set "/service/word[1]" "-o" ; set "/service/word[2]" "{ a = b c }" =
"smtp      inet  n -       n -       -       smtpd  -o  { a = b c }
# c
"

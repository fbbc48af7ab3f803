(* SPDX-License-Identifier: AGPL-3.0-or-later *)
module Test_freedombox_postfix_main =

let lns = Freedombox_postfix_main.lns

let text = "# Who we are.
#

myhostname = box.example.test
mynetworks=127.0.0.0/8,
\t[::1]/128
relayhost =
mailbox_command = \n"

test lns get text =
  { "#comment" = "Who we are." }
  { }
  { }
  { "myhostname" = "box.example.test" }
  { "mynetworks" = "127.0.0.0/8,\n\t[::1]/128" }
  { "relayhost" }
  { "mailbox_command" }

(* A value goes on across comments and empty lines, and may start below its name. *)
test lns get "a = 1,
# why
    # and why

  2
# after
b =
# below
  3
" =
  { "a" = "1,\n# why\n    # and why\n\n  2" }
  { "#comment" = "after" }
  { "b" = "3" }

(* Postfix knows no comments at the end of a line. *)
test lns get "a = 1 # one\nb = #2\n" =
  { "a" = "1 # one" }
  { "b" = "#2" }

test lns get "main.x:y_z-1 =  a = b  \n" = { "main.x:y_z-1" = "a = b" }

test lns get "  a = 1\n" = *
test lns get "a\n" = *
test lns get "a b = 1\n" = *

test lns put text after set "/myhostname" "mail.example.test" =
"# Who we are.
#

myhostname = mail.example.test
mynetworks=127.0.0.0/8,
\t[::1]/128
relayhost =
mailbox_command = \n"

test lns put "a=1\n\n# c\nb = 2\n" after rm "/a" ; set "/c" "x y" ; clear "/b" =
"
# c
b =
c = x y
"

(* SPDX-License-Identifier: AGPL-3.0-or-later *)
module Test_freedombox_dovecot =

let lns = Freedombox_dovecot.lns

let text = "## Ours
#
dovecot_config_version = 2.4.0

!include_try conf.d/*.conf # later
mail_plugins {
  fts=yes
}
namespace inbox {  # the first
    mailbox \"Sent Messages\" {
      special_use = \\Sent
    }
  #separator =
} # end
"

test lns get text =
  { "#comment" = "# Ours" }
  { }
  { "setting" = "dovecot_config_version" { "value" = "2.4.0" } }
  { }
  { "include" = "conf.d/*.conf" { "kind" = "include_try" } { "#comment" = "later" } }
  { "block" = "mail_plugins"
    { "setting" = "fts" { "value" = "yes" } } }
  { "block" = "namespace"
    { "name" = "inbox" }
    { "#open" = "the first" }
    { "block" = "mailbox"
      { "name" = "\"Sent Messages\"" }
      { "setting" = "special_use" { "value" = "\\Sent" } } }
    { "#comment" = "separator =" }
    { "#close" = "end" } }

(* Values *)
test lns get "a = <file\nb=$SET:c  \nc =\nd = # none\ne = %{user | lower}\n" =
  { "setting" = "a" { "value" = "<file" } }
  { "setting" = "b" { "value" = "$SET:c" } }
  { "setting" = "c" }
  { "setting" = "d" { "#comment" = "none" } }
  { "setting" = "e" { "value" = "%{user | lower}" } }

(* Quotes hide "#"; one that is never closed hides the rest of its line. *)
test lns get "a = \"x # y\\\" z\" # c\nb = it's # fine\nc = it's # 'x # d\ne = f# g\n" =
  { "setting" = "a" { "value" = "\"x # y\\\" z\"" } { "#comment" = "c" } }
  { "setting" = "b" { "value" = "it's # fine" } }
  { "setting" = "c" { "value" = "it's # 'x" } { "#comment" = "d" } }
  { "setting" = "e" { "value" = "f" } { "#comment" = "g" } }

(* A backslash at the end of a line goes on with the next one. *)
test lns get "query = SELECT a \\\n    FROM 'b # c' \\  \n WHERE x # end\nq2 = \\\n  x\nq3 = \"a \\\n b\"\n" =
  { "setting" = "query"
    { "value" = "SELECT a \\\n    FROM 'b # c' \\  \n WHERE x" }
    { "#comment" = "end" } }
  { "setting" = "q2" { "value" = "\\\n  x" } }
  { "setting" = "q3" { "value" = "\"a \\\n b\"" } }
test lns get "a = b \\\n# Dovecot would drop the first line\n" = *
test lns get "a = b \\\n\n" = *

(* Keys and names *)
test lns get "@mailboxes = english\n\"a # b\" = c\nimap/x:y = z\n10.0.0.0/8 = yes\n" =
  { "setting" = "@mailboxes" { "value" = "english" } }
  { "setting" = "\"a # b\"" { "value" = "c" } }
  { "setting" = "imap/x:y" { "value" = "z" } }
  { "setting" = "10.0.0.0/8" { "value" = "yes" } }

test lns get "group @mailboxes english {\n}\nprotocol !indexer-worker {\n}\nlocal_name *.a.test {\n}\nmailbox \"\"{\n}\n" =
  { "block" = "group" { "name" = "@mailboxes" } { "name" = "english" } }
  { "block" = "protocol" { "name" = "!indexer-worker" } }
  { "block" = "local_name" { "name" = "*.a.test" } }
  { "block" = "mailbox" { "name" = "\"\"" } }

test lns get "mailbox \"a \\\" b\" {\n}\n" = *
test lns get "\"a \\\" b\" = c\n" = *
test lns get "a {\n" = *
test lns get "}\n" = *
test lns get "a { b = c }\n" = *
test lns get "a{\n}\n" = *
test lns get "a\n" = *
test lns get "!include\n" = *

test lns put text after
  set "/setting[. = 'dovecot_config_version']/value" "2.4.1" ;
  rm "/include" ;
  set "/block[2]/block/setting[2]" "auto" ;
  set "/block[2]/block/setting[2]/value" "no" =
"## Ours
#
dovecot_config_version = 2.4.1

mail_plugins {
  fts=yes
}
namespace inbox {  # the first
    mailbox \"Sent Messages\" {
      special_use = \\Sent
auto = no
    }
  #separator =
} # end
"

(* Why the app does not write by this lens: what is left of a removed line goes to the
   next one of its kind. *)
test lns put "    a = 1\nb = 2\n" after rm "/setting[1]" = "    b = 2\n"

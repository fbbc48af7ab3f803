(* SPDX-License-Identifier: AGPL-3.0-or-later *)
(* Postfix's master.cf, see master(5).

   Each service is a node "service" whose value is its name, with the seven columns and
   the words of the command line below it. A word in braces is one word, folds included:
   "-o { name = value }". There is no autoload: the lenses that come with Augeas claim
   the same file. *)

module Freedombox_postfix_master =

let eol = del /[ \t\r]*\n/ "\n"

(* What may stand between a line and its continuation, up to the continued text. *)
let fold = /[ \t\r]*\n([ \t]*(#.*)?\n)*[ \t]+/

let sep = del ( /[ \t\r]+/ | fold ) "  "

let empty = [ del /[ \t]*#?[ \t\r]*\n/ "\n" ]

let comment =
  [ label "#comment" . del /[ \t]*#[ \t]*/ "# " . store /[^ \t\r\n](.*[^ \t\r\n])?/ . eol ]

let column (name:string) = [ label name . store /[^#{} \t\r\n][^{} \t\r\n]*/ ]

(* Postfix counts braces; three levels are what "-o { name = ${x?{$y}} }" needs. Text after a fold
   must not start with "#", or a comment with braces in it could be read in two ways. *)
let free = /[^{}\n]/
let start = /[^{}# \t\r\n]/
let braces1 = "{" . free* . ( fold . start . free* )* . fold? . "}"
let braces2 = "{" . ( free | braces1 )* . ( fold . ( start | braces1 ) . ( free | braces1 )* )* . fold? . "}"
let braces = "{" . ( free | braces2 )* . ( fold . ( start | braces2 ) . ( free | braces2 )* )* . fold? . "}"
let word = ( /[^#{} \t\r\n]/ | braces ) . ( /[^{} \t\r\n]/ | braces )*

let service =
  [ label "service" . store /[^#{} \t\r\n][^{} \t\r\n]*/
  . sep . column "type"
  . sep . column "private"
  . sep . column "unprivileged"
  . sep . column "chroot"
  . sep . column "wakeup"
  . sep . column "limit"
  . sep . column "command"
  . ( sep . [ label "word" . store word ] )*
  . eol ]

let lns = ( empty | comment | service )*

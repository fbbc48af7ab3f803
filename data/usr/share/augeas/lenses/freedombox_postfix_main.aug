(* SPDX-License-Identifier: AGPL-3.0-or-later *)
(* Postfix's main.cf, see postconf(5).

   Reads what Postfix reads: a line that starts with white space continues the one
   before it, even across comments and empty lines. The tree holds one node for each
   parameter, its label the name and its value the text as written, folds included.
   There is no autoload: the lenses that come with Augeas claim the same file. *)

module Freedombox_postfix_main =

let eol = del /[ \t\r]*\n/ "\n"

(* What may stand between a line and its continuation, up to the continued text. *)
let fold = /[ \t\r]*\n([ \t]*(#.*)?\n)*[ \t]+/

let empty = [ del /[ \t]*#?[ \t\r]*\n/ "\n" ]

let comment =
  [ label "#comment" . del /[ \t]*#[ \t]*/ "# " . store /[^ \t\r\n](.*[^ \t\r\n])?/ . eol ]

let name = /[A-Za-z0-9_.:-]+/

(* On the first line a "#" is a letter like any other, on a continuation it is not. *)
let rest = /(.*[^ \t\r\n])?/
let plain = /[^# \t\r\n]/ . rest
let folds = ( fold . plain )*

let eq = del /[ \t]*=/ " ="
let entry =
    [ key name . eq . ( del ( /[ \t]*/ . fold? ) " " . store ( plain . folds ) )? . eol ]
  | [ key name . eq . del /[ \t]*/ " " . store ( /#/ . rest . folds ) . eol ]

let lns = ( empty | comment | entry )*

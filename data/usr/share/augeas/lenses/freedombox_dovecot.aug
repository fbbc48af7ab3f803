(* SPDX-License-Identifier: AGPL-3.0-or-later *)
(* Dovecot 2.4's configuration.

   Three things can stand in a file or a block: a "setting" (value: its key) with a child
   "value", a "block" (value: its kind) with its names as children "name" and then its
   content, and an "include" (value: the path) with a child "kind". Text is kept
   as written, with quotes and folds. Labels are fixed because keys may hold any
   character and because one word can be both a setting and a block (mail_plugins).
   There is no autoload: the lens that comes with Augeas claims the same files. *)

module Freedombox_dovecot =

let indent = del /[ \t\r]*/ ""
let sep = del /[ \t\r]+/ " "
let opt = del /[ \t\r]*/ " "
let eol = del /[ \t\r]*\n/ "\n"

let note = /[^ \t\r\n](.*[^ \t\r\n])?/

let empty = [ del /[ \t\r]*#?[ \t\r]*\n/ "\n" ]
let comment = [ label "#comment" . del /[ \t\r]*#[ \t\r]*/ "# " . store note . eol ]

(* The end of a line that may carry a comment; labels differ by place, so that a comment
   after a brace is not mistaken for one on a line of its own. *)
let end (name:string) =
  ( [ label name . del /[ \t\r]*#[ \t\r]*/ " # " . store note ] . eol
  | del /[ \t\r]*(#[ \t\r]*)?\n/ "\n" )

let double = /"([^"\\\n]|\\\\[^\n])*"/
let single = /'([^'\\\n]|\\\\[^\n])*'/

let bare = /[^!#'"{}=\\ \t\r\n][^#'"{}=\\ \t\r\n]*/
let word = bare | /"[^"\\\n]*"/

(* A quote that is never closed makes the rest of its line plain text, "#" included. *)
let open_double = /"([^"\\\n]|\\\\[^\n])*/
let open_single = /'([^'\\\n]|\\\\[^\n])*/
let open_quote = /"(([^"\\\n]|\\\\[^\n])*([^"\\ \t\r\n]|\\\\[^ \t\r\n]))?/
               | /'(([^'\\\n]|\\\\[^\n])*([^'\\ \t\r\n]|\\\\[^ \t\r\n]))?/

let solid = /[^#'"\\ \t\r\n]/ | double | single
let part = solid | /\\\\/
let parts = ( part . /[ \t\r]*/ )*

(* A line that ends in a backslash goes on in the next one, which must not be empty. *)
let folded = ( parts . ( open_double | open_single )? . /\\\\[ \t\r]*\n[ \t\r]*/ )*
let line = parts . solid
let open_line = parts . open_quote

let value =
    opt . [ label "value" . store ( folded . line ) ] . end "#comment"
  | opt . [ label "value" . store ( folded . open_line ) ] . eol
  | end "#comment"

let setting = [ label "setting" . indent . store word . del /[ \t\r]*=/ " =" . value ]

let include =
  [ label "include" . indent . [ label "kind" . del "!" "!" . store /include(_try)?/ ]
  . sep . store line . end "#comment" ]

(* "group @mailboxes english {" is the one kind of block that has two names. *)
let plain_name = /[^#'"{=\\ \t\r\n][^#'"\\ \t\r\n]*/
let quoted_name = /"([^"\\\n]|\\\\[^"\n])*"/
let name =
    [ label "name" . sep . store plain_name ] . sep
  | [ label "name" . sep . store plain_name ] . [ label "name" . sep . store plain_name ] . sep
  | [ label "name" . sep . store quoted_name ] . opt
  | sep

let rec block =
  [ label "block" . indent . store word . name . del "{" "{" . end "#open"
  . ( empty | comment | setting | include | block )*
  . indent . del "}" "}" . end "#close" ]

let lns = ( empty | comment | setting | include | block )*

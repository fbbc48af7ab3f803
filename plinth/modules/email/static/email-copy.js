// SPDX-License-Identifier: AGPL-3.0-or-later
/*
  @licstart  The following is the entire license notice for the
  JavaScript code in this page.

  This program is free software: you can redistribute it and/or modify
  it under the terms of the GNU Affero General Public License as published by
  the Free Software Foundation, either version 3 of the License, or
  (at your option) any later version.

  This program is distributed in the hope that it will be useful,
  but WITHOUT ANY WARRANTY; without even the implied warranty of
  MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
  GNU Affero General Public License for more details.

  You should have received a copy of the GNU Affero General Public License
  along with this program.  If not, see <http://www.gnu.org/licenses/>.

  @licend  The above is the entire license notice
  for the JavaScript code in this page.
*/

/* Buttons that copy a text, and say so. Without this file the text can be selected by a click. */
document.addEventListener('DOMContentLoaded', () => {
    document.querySelectorAll('[data-email-copy]').forEach(button => {
        const field = document.getElementById(button.dataset.emailCopy);
        button.hidden = false;
        button.addEventListener('click', async () => {
            await navigator.clipboard.writeText(field.textContent);
            button.textContent = button.dataset.emailDone;
        });
    });
});

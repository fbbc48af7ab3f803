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

/* Comforts only: all pages work without them. */

/* A button that copies a text, and says so. */
function offerCopying(button) {
    const field = document.getElementById(button.dataset.emailCopy);
    button.hidden = false;
    button.addEventListener('click', async () => {
        getSelection().selectAllChildren(field);
        try {
            await navigator.clipboard.writeText(field.textContent);
        } catch {
            document.execCommand('copy');
        }
        button.textContent = button.dataset.emailDone;
        button.focus();
    });
}

/* A button that prints the page. */
function offerPrinting(button) {
    button.hidden = false;
    button.addEventListener('click', () => print());
}

/* How hard a password is to guess, from 0 to 4: by its length and how mixed its signs are. */
function strength(password) {
    const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];
    const sizes = [26, 26, 10, 33];
    const pool = kinds.reduce((sum, kind, at) => sum + (kind.test(password) ? sizes[at] : 0), 0);
    const different = new Set(password.toLowerCase()).size;
    const bits = Math.min(password.length, 2 * different) * Math.log2(Math.max(pool, 2));
    if (password.length < 8) {
        return 0;
    }
    return [40, 55, 75].reduce((score, limit) => score + (bits >= limit ? 1 : 0), 1);
}

/* A bar and a word under a new password, as it is typed. */
function showStrength(field) {
    const words = field.dataset.emailStrength.split('|');
    const line = document.createElement('div');
    const bar = document.createElement('meter');
    const word = document.createElement('span');
    line.className = 'email-strength mt-1';
    Object.assign(bar, { min: 0, max: 4, low: 2, high: 3, optimum: 4, value: 0 });
    bar.setAttribute('aria-hidden', 'true');
    word.setAttribute('role', 'status');
    line.append(bar, ' ', word);
    field.after(line);
    line.hidden = true;
    field.addEventListener('input', () => {
        bar.value = strength(field.value);
        word.textContent = words[bar.value];
        line.hidden = !field.value;
    });
}

/* The secret of a link, which no server sees before it is sent as a form. */
function sendCode(field) {
    const code = location.hash.slice(1);
    if (code) {
        history.replaceState(null, '', location.pathname);
        field.value = code;
        field.form.submit();
    }
}

/* A page that cannot be shown again stays, also when FreedomBox cannot be asked for news. */
function stay(part) {
    for (const name of ['htmx:responseError', 'htmx:sendError']) {
        part.addEventListener(name, (event) => event.stopPropagation());
    }
}

/* Where the result of what was done is, or what is wrong: reading goes on there. */
function showResult() {
    const places = [
        '.email-differences', '[aria-invalid="true"]', '.alert-dismissible', '.email-undo',
        '.email-secret', '.email-try',
    ];
    const found = places.map(place => document.querySelector(`.content-container ${place}`));
    const result = found.find(place => place);
    if (result && !result.matches('input, select, textarea')) {
        result.tabIndex = -1;
    }
    result?.focus({ preventScroll: result.matches('.alert-dismissible') });
}

/* The page is there: this script is deferred, or came with a part that FreedomBox has swapped in. */
document.querySelectorAll('.email-tabs .active').forEach(tab => tab.scrollIntoView({ block: 'nearest', inline: 'center' }));
showResult();
document.querySelectorAll('[data-email-copy]').forEach(offerCopying);
document.querySelectorAll('[data-email-print]').forEach(offerPrinting);
document.querySelectorAll('[data-email-strength]').forEach(showStrength);
document.querySelectorAll('[data-email-code]').forEach(sendCode);
document.querySelectorAll('[data-email-stays]').forEach(stay);

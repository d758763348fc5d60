/** The look of the pages of `page.ts`. One text, so that its hash can stand in the content security policy. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #59636e; --line: #8c959f;
  --accent: #0a58ca; --on-accent: #ffffff; --wrong: #b42318; --wrong-paper: #fef3f2; --good: #1a7f37;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --card: #161b22; --ink: #e6edf3; --soft: #9da7b3; --line: #6e7681;
    --accent: #79b8ff; --on-accent: #0d1117; --wrong: #ffa198; --wrong-paper: #2d1518; --good: #56d364;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 1.5rem 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header { max-width: 26rem; margin: 0 auto 1rem; color: var(--soft); font-weight: 600; }
main {
  max-width: 26rem; margin: 0 auto; padding: 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 0.75rem; overflow-wrap: anywhere;
}
@media (min-width: 48rem) { body { padding-top: 12vh; } main { padding: 2rem; } }
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25; }
p, form { margin: 0 0 1rem; }
main > :last-child { margin-bottom: 0; }
a { color: var(--accent); }
label { display: block; margin: 0 0 0.25rem; font-weight: 600; }
input {
  display: block; width: 100%; margin: 0 0 1rem; padding: 0.625rem 0.75rem; font: inherit;
  color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem;
}
button {
  display: block; width: 100%; min-height: 2.75rem; margin: 0 0 0.75rem; padding: 0.5rem 1rem; font: inherit;
  font-weight: 600; cursor: pointer; border-radius: 0.5rem;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent);
}
button:last-child { margin-bottom: 0; }
button.quiet { color: var(--ink); background: var(--card); border-color: var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.note { color: var(--soft); font-size: 0.875rem; }
.wrong {
  padding: 0.625rem 0.75rem; color: var(--wrong); background: var(--wrong-paper);
  border: 1px solid var(--wrong); border-radius: 0.5rem;
}
.good { color: var(--good); font-weight: 600; }
.code {
  font: 600 1.5rem/1.25 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  letter-spacing: 0.1em; text-align: center; overflow-wrap: normal; white-space: nowrap;
}
dl { margin: 0 0 1rem; }
dt { color: var(--soft); font-size: 0.875rem; }
dd { margin: 0 0 0.5rem; }
`;

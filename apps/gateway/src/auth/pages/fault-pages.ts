/** What a person reads when a login did not come about: what happened, and what to do next. */
import { PROBLEMS, type ProblemError } from '@mcpstack/contracts';
import { html, type Html, type PageParts } from '@mcpstack/service-kit';
import type { LoginError, LoginFault } from '../oidc/login-faults.ts';

interface Text {
  title: string;
  what: string;
  next: string;
  /** Whether to begin again is worth offering. */
  again: boolean;
}

const ADMINISTRATOR = 'whoever runs this installation';

const TEXTS: Readonly<Record<LoginFault, Text>> = {
  'not-set-up': {
    title: 'Login is not set up here',
    what: 'login is not set up here: OIDC_ISSUER is not set. API keys work.',
    next: `Ask ${ADMINISTRATOR} to connect an identity provider.`,
    again: false,
  },
  'provider-down': {
    title: 'Nobody can log in at this moment',
    what: 'The identity provider does not answer. API keys and sessions that have begun go on working.',
    next: `Try again in a moment. If it stays like this, tell ${ADMINISTRATOR}.`,
    again: true,
  },
  'provider-unusable': {
    title: 'Nobody can log in at this moment',
    what: 'The identity provider and this installation do not fit together. API keys go on working.',
    next: `Tell ${ADMINISTRATOR}: the log of the gateway says what does not fit.`,
    again: true,
  },
  'unknown-state': {
    title: 'This login cannot be finished',
    what: 'It was begun in another browser, was finished already, or took longer than ten minutes.',
    next: 'Begin again, and finish in the same browser. It has to keep cookies.',
    again: true,
  },
  'provider-refused': {
    title: 'The identity provider refused',
    what: 'It did not let you in.',
    next: 'If you did not cancel this yourself, ask whoever looks after your account there.',
    again: true,
  },
  'code-refused': {
    title: 'This login cannot be finished',
    what: 'The identity provider no longer knows it: it was used already, or it took too long.',
    next: 'Begin again.',
    again: true,
  },
  'token-refused': {
    title: 'This login cannot be finished',
    what: 'The answer of the identity provider does not prove who you are.',
    next: `Begin again. If it happens twice, tell ${ADMINISTRATOR}: the log of the gateway says what was wrong.`,
    again: true,
  },
  'clock-off': {
    title: 'This login cannot be finished',
    what: 'The clock of this installation and that of the identity provider do not agree.',
    next: `Tell ${ADMINISTRATOR}: one of the two clocks has to be set right.`,
    again: true,
  },
};

/** @param again where a login begins. */
export function faultPage({ code, shown }: LoginError, again: string): PageParts {
  const { title, what, next, again: isOffered } = TEXTS[code];
  const body = html`<p>${what}</p>
    ${shown !== undefined && html`<p>${shown}</p>`}
    <p>${next}</p>
    ${isOffered && link(again)}`;
  return { title, body };
}

/** @param requestId finds the request in the log. */
export function problemPage({ code, message }: ProblemError, requestId: string, again: string): PageParts {
  const body = html`<p>${message}</p>
    ${link(again)}
    <p class="note">Request ${requestId}</p>`;
  return { title: PROBLEMS[code].title, body };
}

function link(href: string): Html {
  return html`<p><a href="${href}">Begin again</a></p>`;
}

/** The pages of the identity provider. Whatever they repeat of a request is escaped by the templates. */
import { Html, html, page, pageHeaders, type PageHeaderOptions, type PageParts } from '@mcpstack/service-kit';

export interface ShownPage {
  headers: Record<string, string>;
  text: string;
}

function shown(parts: PageParts, options?: PageHeaderOptions): ShownPage {
  return { headers: pageHeaders(options), text: page(parts) };
}

export interface LoginPageParts {
  /** Where the form goes. */
  action: string;
  /** Filled in already. */
  email: string;
  /** Why the last attempt failed. */
  problem?: string;
  /** Origins that the login may lead back to. */
  formTargets: readonly string[];
}

export function loginPage({ action, email, problem, formTargets }: LoginPageParts): ShownPage {
  const wrong = problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`;
  const body = html` <form method="post" action="${action}">
      ${problem !== undefined && html`<p class="wrong" id="problem" role="alert">${problem}</p>`}
      <label for="email">E-mail</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        maxlength="254"
        required
        value="${email}"
        ${wrong}
      />
      <label for="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        maxlength="1024"
        required${wrong}
      />
      <button type="submit">Log in</button>
    </form>
    <p class="note">
      This identity provider is for one machine. The first owner stands in .mcpstack/local.json, where
      <code>npm start</code> ran.
    </p>`;
  return shown({ title: 'Log in', body }, { formTargets });
}

/** @param form made by the provider: it carries what the logout is about, and no buttons. */
export function logoutPage(form: string, formTargets: readonly string[]): ShownPage {
  const body = html` <p>Log out of this identity provider in this browser?</p>
    ${Html.fromTrusted(form)}
    <button type="submit" form="op.logoutForm" name="logout" value="yes">Log out</button>
    <button type="submit" form="op.logoutForm" class="quiet">Stay logged in</button>`;
  return shown({ title: 'Log out', body }, { formTargets });
}

export function loggedOutPage(): ShownPage {
  return shown({ title: 'Logged out', body: html`<p>You can close this window.</p>` });
}

export function stillLoggedInPage(): ShownPage {
  return shown({
    title: 'Still logged in',
    body: html`<p>Nothing has changed. You can close this window.</p>`,
  });
}

/** @param description what the provider says; it may repeat what was sent. */
export function errorPage(status: number, error: string, description: string | undefined): ShownPage {
  if (status >= 500) {
    const body = html`<p>Something went wrong on our side. Try again in a moment.</p>`;
    return shown({ title: 'This did not work', body });
  }
  const body = html` <p>${description ?? 'The request cannot be carried out.'}</p>
    <p class="note">Go back to where you came from and begin again. (${error})</p>`;
  return shown({ title: 'This did not work', body });
}

/** The pages on which a person lets a device in. */
import { html, type Html, type PageParts } from '@mcpstack/service-kit';
import type { WaitingDevice } from '../device/devices.ts';
import { DEVICE_PAGE_PATH } from '../../http/adapter.ts';

/** For a code that is typed. */
export function deviceCodePage(): PageParts {
  const body = html`<p>Type the code that the device shows.</p>
    ${codeForm()}`;
  return { title: 'Let a device in', body };
}

/**
 * Whoever is lured here by somebody else's code has to see whose request it is (RFC 8628, section 5.4): what the device
 * calls itself, and where it asked from.
 */
export function devicePage(device: WaitingDevice, person: string): PageParts {
  const { userCode, clientName, address, createdAt } = device;
  const body = html`<p>A device asks to act as you, with all that you may do.</p>
    <dl>
      <dt>Its code</dt>
      <dd class="code">${userCode}</dd>
      <dt>It calls itself</dt>
      <dd>${clientName ?? 'It gives no name.'}</dd>
      <dt>It asked from the address</dt>
      <dd>${address}</dd>
      <dt>It asked at</dt>
      <dd>${createdAt.slice(0, 16).replace('T', ' ')} UTC</dd>
      <dt>You are logged in as</dt>
      <dd>${person}</dd>
    </dl>
    <p>
      <strong>Approve only what you began yourself, just now, and only if the device shows this code.</strong>
      Nobody from support will ever ask you to approve a code.
    </p>
    <form method="post" action="${DEVICE_PAGE_PATH}">
      <input type="hidden" name="userCode" value="${userCode}" />
      <button type="submit" name="decision" value="approve">Approve</button>
      <button type="submit" name="decision" value="deny" class="quiet">Deny</button>
    </form>`;
  return { title: 'Let this device in?', body };
}

export function decidedPage(isApproved: boolean): PageParts {
  if (!isApproved)
    return { title: 'The device stays out', body: html`<p>It was told so. You can close this window.</p>` };
  const body = html`<p class="good">The device acts as you from now on.</p>
    <p>
      Go back to it; you can close this window. <code>mcpstack auth sessions end</code> ends its session.
    </p>`;
  return { title: 'The device is in', body };
}

export function unknownCodePage(): PageParts {
  const body = html`<p class="wrong" role="alert">
      No device waits under this code. It may be mistyped, decided about already, or older than ten minutes.
    </p>
    ${codeForm()}`;
  return { title: 'Let a device in', body };
}

/** @param href where a login begins that leads back. */
export function loginFirstPage(href: string): PageParts {
  const body = html`<p>Your session has ended, so nothing was decided.</p>
    <p><a href="${href}">Log in and decide</a></p>`;
  return { title: 'You are not logged in', body };
}

function codeForm(): Html {
  return html`<form method="get" action="${DEVICE_PAGE_PATH}">
    <label for="userCode">Code</label>
    <input
      id="userCode"
      name="userCode"
      autocomplete="off"
      autocapitalize="characters"
      spellcheck="false"
      maxlength="32"
      placeholder="BCDF-GHJK"
      required
    />
    <button type="submit">Go on</button>
  </form>`;
}

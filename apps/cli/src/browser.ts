/** Opens a page in the person's browser, where there is one to be seen; that it fails is no failure. */
import { spawn } from 'node:child_process';

/** Whether somebody sits before a screen that a browser can open on. */
export function hasScreen(env: NodeJS.ProcessEnv, platform = process.platform): boolean {
  if (env['CI']) return false;
  return platform === 'darwin' || platform === 'win32' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY']);
}

/** @param url of a web page; nothing else is opened. */
export function openBrowser(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return;
  const [command, ...args] = opener();
  const child = spawn(command, [...args, new URL(url).href], { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}

/** Never through a shell: the address comes from a server. */
function opener(): [string, ...string[]] {
  switch (process.platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return ['xdg-open'];
  }
}

/** Which methods each path answers, so that a wrong method is told from an unknown path. */

interface Route {
  pattern: RegExp;
  method: string;
  path: string;
}

export class RouteTable {
  private readonly routes: Route[] = [];

  /** @param path as the router spells it, with parameters such as `:orgId`. */
  add(method: string, path: string): void {
    const source = path
      .split('/')
      .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('/');
    this.routes.push({ method, path, pattern: new RegExp(`^${source}$`) });
  }

  /** All that is served, such as `GET /api/v1/me`. */
  all(): readonly string[] {
    return this.routes.map(({ method, path }) => `${method} ${path}`);
  }

  /** The methods of this path in alphabetic order; none when the path is unknown. */
  methodsOf(url: string): readonly string[] {
    const path = url.split('?', 1)[0]!;
    const methods = this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  }
}

/**
 * Requests through the proxy that the environment names, as curl and browsers make them: `HTTPS_PROXY`, `HTTP_PROXY`,
 * `ALL_PROXY` and `NO_PROXY`, in small letters too. Node's own `fetch` asks none of them.
 */

/** How to make requests here. */
export interface Requests {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** The settings that are used, for errors; empty without a proxy. */
  readonly about: string;
  /** Lets go of the connections. */
  end(): Promise<void>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Ways to make requests in this environment.
 *
 * @throws Error when a proxy is named that is no HTTP proxy
 */
export async function requestsFrom(env: Variables = process.env): Promise<Requests> {
  const all = proxyIn(env, 'ALL_PROXY');
  const http = proxyIn(env, 'HTTP_PROXY') ?? all;
  const https = proxyIn(env, 'HTTPS_PROXY') ?? all;
  if (!http && !https) return { fetch, about: '', end: async () => {} };
  // It is loaded only where there is a proxy; users of the library install it themselves.
  const undici = await import('undici').catch((error: unknown) => {
    const variable = (https ?? http)?.variable;
    throw new Error(`${variable} names a proxy, for which the package undici is needed: npm install undici`, {
      cause: error,
    });
  });
  const agent = new undici.EnvHttpProxyAgent({
    // An empty address stands for no proxy, where undici would take that of the other protocol.
    httpProxy: http?.address ?? '',
    httpsProxy: https?.address ?? '',
    noProxy: valueOf(env, 'NO_PROXY') ?? '',
    // Plain HTTP is forwarded: many proxies open tunnels for HTTPS alone.
    proxyTunnel: false,
  });
  const named = new Set([https, http].map((proxy) => proxy && `${proxy.variable}=${proxy.shown}`));
  return {
    fetch: (url, init) =>
      undici.fetch(url, { ...(init as object), dispatcher: agent }) as unknown as Promise<Response>,
    about: [...named].filter((text) => text !== undefined).join(', '),
    end: () => agent.destroy(),
  };
}

interface Proxy {
  readonly variable: string;
  readonly address: string;
  /** The address without user name and password. */
  readonly shown: string;
}

function proxyIn(env: Variables, variable: string): Proxy | undefined {
  const value = valueOf(env, variable);
  if (value === undefined) return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  if (!/^https?:$/.test(URL.canParse(address) ? new URL(address).protocol : '')) {
    throw new Error(`${variable} names no HTTP proxy: write it as http://host:port, or unset it`);
  }
  return { variable, address, shown: new URL(address).origin };
}

function valueOf(env: Variables, variable: string): string | undefined {
  return env[variable.toLowerCase()]?.trim() || env[variable]?.trim() || undefined;
}

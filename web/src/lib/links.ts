const hosts = new Set(['asaas.com', 'www.asaas.com', 'sandbox.asaas.com']);

/** An address of a payload that may become a link: Asaas's own, over https, and nothing else; else null. */
export function asaasLink(address: string | null | undefined): string | null {
  if (!address) return null;
  try {
    const url = new URL(address);
    return url.protocol === 'https:' && hosts.has(url.hostname) && !url.username && !url.port ? url.href : null;
  } catch {
    return null;
  }
}

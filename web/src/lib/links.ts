const hosts = new Set(['asaas.com', 'www.asaas.com', 'sandbox.asaas.com']);

/** Returns the address of a payload if it may become a link, which only https addresses of Asaas's may; else null. */
export function asaasLink(address: string | null | undefined): string | null {
  if (!address) return null;
  try {
    const url = new URL(address);
    return url.protocol === 'https:' && hosts.has(url.hostname) && !url.username && !url.port ? url.href : null;
  } catch {
    return null;
  }
}

/** Where a clinic opens an account at Asaas, or one of its sandbox, which is free and approved at once. */
export const signUp = (sandbox: boolean): string =>
  `https://${sandbox ? 'sandbox' : 'www'}.asaas.com/onboarding/createAccount`;

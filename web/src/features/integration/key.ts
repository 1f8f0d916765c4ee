// What is done to a pasted key before it is sent, and what stands beside each refusal.

/** The pasted text without outer blanks and zero-width characters, which no person can see. */
export function cleaned(pasted: string): string {
  return pasted.replace(/[\u200b-\u200d\u2060\ufeff]/g, '').trim();
}

export type Environment = 'production' | 'sandbox';

/** The environment that a key's prefix names, or null. */
export function environmentOf(key: string): Environment | null {
  if (/^\$?aact_prod_/.test(key)) return 'production';
  if (/^\$?aact_hmlg_/.test(key)) return 'sandbox';
  return null;
}

export const environmentNames: Record<Environment, string> = { production: 'Produção', sandbox: 'Sandbox (testes)' };

/** The least that the key must be allowed, in the words of Asaas's panel, to tick before it is made. */
export const neededPermissions = [
  'Minha conta (ler)',
  'Cobranças (ler)',
  'Antecipações (ler)',
  'Clientes (ler)',
  'Financeiro (ler)',
  'Webhooks (ler e escrever)',
  'Checkouts (escrever)',
];

export const required = 'Cole a chave de API gerada no Asaas.';

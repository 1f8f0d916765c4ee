import type { Tone } from '../../lib/tone';
import { roleWords, userStateWords, wordFor } from '../../lib/words';

// What roles, permissions of programs and entries of the audit trail are called.

export const roleNames: Record<string, string> = {
  ...roleWords,
  service: 'Programa',
  cli: 'Linha de comando',
  support: 'Suporte',
  sre: 'SRE',
};

/** What each role of a clinic may do, for whoever chooses one. */
export const roleHelp: Record<string, string> = {
  admin: 'Tudo: chave do Asaas, usuários, tokens e páginas de dinheiro.',
  finance: 'Páginas de dinheiro, exportações e pendências. Não vê nem troca a chave.',
  reader: 'Só consulta: sem exportar, com dados pessoais ocultos.',
};

const userTones: Record<string, Tone> = { active: 'success', invited: 'info' };

/** The words and tone of a user's state. */
export const userStateOf = (state: string): [string, Tone] => [
  wordFor(userStateWords, state),
  userTones[state] ?? 'neutral',
];

/** Permissions that a clinic gives to a program, in the words of a person. */
export const scopeNames: Record<string, string> = {
  'feed:read': 'Acompanhar mudanças (feed)',
  'invoices:read': 'Ler faturas',
  'checkouts:read': 'Ler checkouts',
  'anticipations:read': 'Ler antecipações',
  'ledger:read': 'Ler o extrato',
  'exports:write': 'Exportar arquivos',
  'ledger:write': 'Resolver pendências e registrar cobranças esperadas',
  'events:read': 'Ler eventos',
  'events:replay': 'Reprocessar eventos',
  'connection:read': 'Ver a conexão',
  'connection:write': 'Mudar a conexão e a chave',
  'alarms:read': 'Ler alertas',
  'audit:read': 'Ler a auditoria',
  'personal:read': 'Ver dados pessoais sem máscara',
  'tenants:read': 'Ver os dados da clínica',
  'tokens:read': 'Ver tokens de serviço',
  'tokens:write': 'Criar e revogar tokens de serviço',
  'users:read': 'Ver usuários',
  'users:write': 'Mudar usuários',
};

/** Permissions that a clinic gives to no program: a person's own, and those of the platform's programs. */
const otherScopeNames: Record<string, string> = {
  'endpoints:write': 'Ver e mudar sistemas conectados',
  'tenants:write': 'Criar e mudar clínicas',
  'fleet:act': 'Agir em muitas clínicas de uma vez',
};

/** A permission in words; one that is new here stands as it is. */
export const scopeName = (scope: string): string => scopeNames[scope] ?? otherScopeNames[scope] ?? scope;

/** What most programs need: billing reads these. */
export const usualScopes = ['feed:read', 'invoices:read'];

const details: Record<string, string> = {
  role: 'Perfil',
  disabled: 'Desativado',
  name: 'Nome',
  scopes: 'Permissões',
  days: 'Dias de validade',
  key: 'Chave',
  newKey: 'Chave nova',
  confirmedTaxId: 'CNPJ diferente confirmado',
  reason: 'Motivo',
  route: 'O que foi visto',
  outcome: 'Decisão',
  externalId: 'ID na plataforma',
  admin: 'Administrador',
  changed: 'Mudou',
  code: 'Resultado',
};

export const detailName = (key: string): string => details[key] ?? key;

/** A detail's value as people read it. */
export function detailValue(key: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Sim' : 'Não';
  if (key === 'role') return roleNames[String(value)] ?? String(value);
  if (key === 'scopes') return String(value).split(/[ ,]+/).map(scopeName).join(' · ');
  if (key === 'name' && value === 'changed') return 'alterado';
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value ?? '—');
}

/** Incidents that write to administrators, by the kind of their alarm. */
export const mailNames: Record<string, string> = {
  key_refused: 'Chave recusada',
  key_ending: 'Chave vence em breve',
  silent: 'Sem avisos há mais tempo que o normal',
  differences: 'Diferenças na conferência com o Asaas',
  body_too_large: 'Aviso grande demais foi recusado',
  endpoint_paused: 'O envio a um sistema conectado parou',
};

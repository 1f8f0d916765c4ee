import { Link } from '@tanstack/react-router';

import { useClinic } from '../../lib/clinic';
import { session } from '../../lib/session';
import { PageHeader } from '../../ui/basics';

const settingsPages = [
  {
    to: '/app/configuracoes/webhooks',
    name: 'Webhooks',
    text: 'A conexão com o Asaas: chave, avisos e saúde.',
    scope: 'connection:read',
  },
  {
    to: '/app/configuracoes/usuarios',
    name: 'Usuários',
    text: 'Quem entra, com que perfil, e senhas iniciais.',
    scope: 'users:read',
  },
  {
    to: '/app/configuracoes/tokens',
    name: 'Tokens de serviço',
    text: 'O acesso de programas, como o faturamento.',
    scope: 'tokens:read',
  },
  {
    to: '/app/configuracoes/sistemas',
    name: 'Sistemas conectados',
    text: 'Programas que avisamos na hora de cada mudança.',
    scope: 'endpoints:write',
  },
  {
    to: '/app/configuracoes/auditoria',
    name: 'Auditoria',
    text: 'Quem mudou ou viu o quê, e quando.',
    scope: 'audit:read',
  },
  { to: '/app/perfil', name: 'Meu perfil', text: 'Nome, senha, tema, atalhos e avisos por e-mail.', scope: '' },
] as const;

/** The pages of the settings, as far as the person may open them. */
export default function Settings() {
  const clinic = useClinic().data;
  const scopes = session.me()?.scopes ?? [];
  return (
    <>
      <PageHeader title="Configurações" clinic={clinic?.name} />
      <ul className="grid plain">
        {settingsPages
          .filter((p) => !p.scope || scopes.includes(p.scope))
          .map((p) => (
            <li key={p.to} className="card stack tightest">
              <h2 style={{ margin: 0, fontSize: '1.125rem' }}>
                <Link to={p.to}>{p.name}</Link>
              </h2>
              <span className="small muted">{p.text}</span>
            </li>
          ))}
      </ul>
    </>
  );
}

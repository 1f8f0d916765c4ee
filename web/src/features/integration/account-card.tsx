import type { Connection } from '../../lib/clinic';
import { When } from '../../ui/basics';

/** Whose account the key is of. */
export function AccountCard({ conn }: { conn: Connection }) {
  return (
    <div
      className="card"
      data-testid="account-card"
      style={{ background: 'var(--pp-success-bg)', color: 'var(--pp-success)' }}
    >
      <strong>Conta encontrada: {conn.ownerName}</strong>
      <div className="small">
        CNPJ {conn.ownerTaxId} · {conn.environment === 'production' ? 'Produção' : 'Sandbox'} · Chave{' '}
        <code>{conn.apiKey}</code> de <When at={conn.apiKeySetAt} />
      </div>
    </div>
  );
}

import { Link } from '@tanstack/react-router';

import { useClinic } from '../../lib/clinic';
import { PageHeader } from '../../ui/basics';

const questions: { ask: string; answer: React.ReactNode }[] = [
  {
    ask: 'Como conecto minha conta do Asaas?',
    answer: (
      <>
        No Asaas, gere uma chave em Menu do usuário › Integrações › Chaves de API. Depois cole-a em{' '}
        <Link to="/app/configuracoes/webhooks/asaas">Configurações › Webhooks › Asaas</Link>; o resto é lido e
        configurado por nós.
      </>
    ),
  },
  {
    ask: 'Configurei o webhook à mão, pelo guia antigo. O que faço?',
    answer: (
      <>
        O guia pedia para editar o primeiro webhook no painel, sem token e sem escolher eventos. Cole a chave em{' '}
        <Link to="/app/configuracoes/webhooks/asaas">Configurações › Webhooks › Asaas</Link> e aceite “Configurar para
        mim”: o mesmo webhook ganha o token, os eventos e a ordem de envio certos. Para fazer à mão: Menu do usuário ›
        Integrações › Webhooks › editar; Ativado: sim; Fila de sincronização: sim; Versão da API: v3; Tipo de envio:
        Sequencial; e o token que a página mostra. Até lá confirmamos cada aviso com uma consulta, e nada se perde.
      </>
    ),
  },
  {
    ask: 'Testei no Sandbox. Como passo para a conta de verdade?',
    answer: (
      <>
        Em <Link to="/app/configuracoes/webhooks/asaas">Configurações › Webhooks › Asaas</Link>, use “Passar para
        produção” e cole a chave de produção (começa com <code>$aact_prod_</code>), da conta com o mesmo CNPJ. A equipe
        passa junto e o webhook é configurado sozinho. Cobranças e saldo do Sandbox ficam guardados à parte: valores de
        teste nunca entram no seu extrato.
      </>
    ),
  },
  {
    ask: 'O que são os avisos do Asaas (webhook)?',
    answer: (
      <>
        A cada mudança numa fatura, o Asaas nos avisa na hora. Cada aviso fica em <Link to="/app/eventos">Eventos</Link>
        , com o que ele mudou.
      </>
    ),
  },
  {
    ask: 'Uma fatura paga continua aberta. E agora?',
    answer: (
      <>
        Abra a fatura e use “Conferir com o Asaas”. Veja também a{' '}
        <Link to="/app/configuracoes/webhooks/asaas/saude">Saúde da conexão</Link>: se a fila estiver pausada, um botão
        a reativa com segurança.
      </>
    ),
  },
  {
    ask: '“Fila pausada no Asaas”: perdi dinheiro?',
    answer: (
      <>
        Não. O dinheiro está na sua conta do Asaas; só os avisos esperam. O Asaas os guarda por 14 dias, e ao reativar
        conferimos todas as faturas.
      </>
    ),
  },
  {
    ask: 'Por que uma fatura paga ainda não está no saldo?',
    answer: (
      <>
        Cartão e boleto têm prazo de liberação. “Paga — saldo a liberar em {'{data}'}” diz o dia; no{' '}
        <Link to="/app/extrato">Extrato</Link> o valor aparece quando entra.
      </>
    ),
  },
  {
    ask: 'O que é uma pendência?',
    answer: (
      <>
        Dinheiro que entrou ou saiu sem que uma cobrança o explique. Em <Link to="/app/pendencias">Pendências</Link>{' '}
        alguém diz o que era.
      </>
    ),
  },
  {
    ask: 'Quem pode fazer o quê?',
    answer: (
      <>
        Administrador: tudo. Responsável Financeiro: páginas de dinheiro e exportações, sem a chave. Leitura: só
        consulta, com dados pessoais ocultos. Um Administrador muda isso em Configurações › Usuários.
      </>
    ),
  },
  {
    ask: 'Esqueci minha senha.',
    answer: (
      <>
        Na tela de entrada, “Esqueci minha senha” manda um link por e-mail, que vale 30 minutos. Não chegou? Peça a um
        Administrador da clínica uma senha inicial; ela vale por 7 dias e serve para você criar a sua.
      </>
    ),
  },
  {
    ask: 'É seguro colar a chave aqui?',
    answer: (
      <>
        A chave é cifrada ao chegar e nunca mais é mostrada. Nunca a envie por e-mail ou WhatsApp. Nossa equipe jamais
        vai pedi-la.
      </>
    ),
  },
];

const keys: [string, string][] = [
  ['Tab', 'anda entre campos e links'],
  ['Esc', 'fecha o que abriu'],
  ['/', 'vai para a busca'],
  ['j e k', 'andam pelas linhas da lista'],
  ['Enter', 'abre a linha'],
];

/** What people ask, at one place; each page's own help stands beside it. */
export default function Help() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader
        title="Ajuda"
        clinic={clinic?.name}
        lead="Perguntas frequentes. Não achou? Fale com o suporte da sua plataforma e informe o código do erro, se houver."
      />
      <div className="stack form">
        {questions.map((q) => (
          <details key={q.ask} className="card">
            <summary className="question">{q.ask}</summary>
            <p className="note">{q.answer}</p>
          </details>
        ))}
        <section className="card stack">
          <h2>Teclado</h2>
          <dl className="facts">
            {keys.map(([key, what]) => (
              <div key={key} className="pair">
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <p className="small muted">
            Os atalhos de uma letra vêm desligados; ligue-os em <Link to="/app/perfil">Meu perfil</Link>.
          </p>
        </section>
        <section className="card stack">
          <h2>Para quem desenvolve</h2>
          <p>
            <a href="/docs" target="_blank" rel="noreferrer">
              Documentação da API
            </a>{' '}
            (abre em outra aba)
          </p>
        </section>
      </div>
    </>
  );
}

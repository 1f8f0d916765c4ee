import { Button, Drawer, useMantineColorScheme } from '@mantine/core';
import { Link, Navigate, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { useClinic, useConnection, useMay, useMe, useSession, useVisit } from '../lib/clinic';
import { stateOf } from '../lib/connection-labels';
import { count, instant, namedTaxId } from '../lib/format';
import { retryDelays } from '../lib/feed';
import { useOpenWorkItems } from '../lib/glance';
import { useLive } from '../lib/live';
import { renew, session } from '../lib/session';
import { Badge, Banner, PageHeader } from '../ui/basics';
import { Icon, type IconName } from '../ui/icon';
import { Loading } from '../ui/states';
import { Announcer } from '../ui/toast';
import { UndoBar } from '../ui/undo-bar';
import { SessionGuard } from './session-guard';
import { useShortcuts } from './shortcuts';
import './shell.css';

interface Item {
  to: string;
  name: string;
  icon: IconName;
  scope?: string; // without it the item is not there
  counted?: 'workItems'; // what waits behind it
}

const items: Item[] = [
  { to: '/app', name: 'Início', icon: 'home' },
  { to: '/app/faturas', name: 'Faturas', icon: 'invoice' },
  { to: '/app/checkouts', name: 'Checkouts', icon: 'checkout' },
  { to: '/app/antecipacoes', name: 'Antecipações', icon: 'forward' },
  { to: '/app/extrato', name: 'Extrato', icon: 'ledger' },
  { to: '/app/agenda', name: 'Agenda', icon: 'info', scope: 'alarms:read' },
  { to: '/app/pendencias', name: 'Pendências', icon: 'question', scope: 'ledger:read', counted: 'workItems' },
  { to: '/app/disputas', name: 'Disputas', icon: 'warning' },
  { to: '/app/eventos', name: 'Eventos', icon: 'event' },
  { to: '/app/configuracoes', name: 'Configurações', icon: 'settings' },
  { to: '/app/ajuda', name: 'Ajuda', icon: 'help' },
];

/** What operators of the platform have instead, while they see no clinic. */
const operatorItems: Item[] = [
  { to: '/ops', name: 'Operação', icon: 'home' },
  { to: '/ops/clinicas', name: 'Clínicas', icon: 'user' },
  { to: '/ops/trabalhos', name: 'Trabalhos', icon: 'forward' },
  { to: '/ops/avisos', name: 'Alarmes', icon: 'warning' },
  { to: '/ops/sem-clinica', name: 'Entregas sem clínica', icon: 'question' },
  { to: '/ops/auditoria', name: 'Auditoria', icon: 'ledger', scope: 'audit:read' },
];

/** What the bar at the bottom of a phone offers, beside the menu. */
const bottomItems = items.filter((item) => ['/app', '/app/faturas', '/app/extrato'].includes(item.to));

function Items({ list, chosen }: { list: Item[]; chosen?: () => void }) {
  const open = useOpenWorkItems();
  const scopes = useMe()?.scopes;
  return list
    .filter((item) => !item.scope || scopes?.includes(item.scope))
    .map((item) => (
      <Link
        key={item.to}
        to={item.to}
        onClick={chosen}
        activeOptions={{ exact: item.to === '/app' || item.to === '/ops', includeSearch: false }}
      >
        <Icon name={item.icon} />
        <span>{item.name}</span>
        {item.counted && open > 0 && (
          <span className="waiting" data-testid="work-item-count">
            {count(open)}
            <span className="sr"> {open === 1 ? 'aberta' : 'abertas'}</span>
          </span>
        )}
      </Link>
    ));
}

/** The state of the connection in words, as a link to its page. */
function ConnectionPill() {
  const may = useMay('connection:read');
  const state = useConnection().data?.state;
  if (!may || !state) return null;
  const [words, tone] = stateOf(state);
  const to = state === 'disconnected' ? '/app/configuracoes/webhooks/asaas' : '/app/configuracoes/webhooks/asaas/saude';
  return (
    <Link to={to} className="pill">
      <span className="sr">Conexão com o Asaas: </span>
      <Badge tone={tone}>{words}</Badge>
    </Link>
  );
}

/** The button of one's own menu; the menu itself is no part of the first script. */
function Person() {
  return (
    <Suspense
      fallback={
        <Button variant="subtle" aria-label="Seu perfil" px={10}>
          <Icon name="user" />
        </Button>
      }
    >
      <PersonMenu />
    </Suspense>
  );
}

/** Moves the focus to the content after a change of page, so that reading begins at its start. */
function useFreshStart() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);
  return main;
}

/** Everything around a page, for whoever is logged in; others are sent to the login. */
export function Shell() {
  const state = useSession();
  const me = useMe();
  const navigate = useNavigate();
  const { href, pathname } = useLocation();
  useFirstRenewal();
  useEffect(() => {
    if (state === 'out' && pathname !== '/app/entrar')
      void navigate({ to: '/app/entrar', search: { para: href }, replace: true });
  }, [state, href, pathname, navigate]);
  useSavedTheme();
  if (state === 'in' && me?.mustChangePassword) return <OwnPassword />;
  if (state === 'in' && me?.mustSetUpFactor) return <OwnFactorPage />;
  if (state === 'unknown' || state === 'out')
    return (
      <main className="content">
        <Loading retry={() => location.reload()} />
      </main>
    );
  return <Frame />;
}

/** Tries the cookie when the page is opened; a server that fails or is being started anew is asked again, less and less often. */
function useFirstRenewal() {
  const state = useSession();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (state !== 'unknown') return;
    let later: ReturnType<typeof setTimeout>;
    const delay = retryDelays[Math.min(tries, retryDelays.length - 1)];
    renew().catch(() => (later = setTimeout(() => setTries((n) => n + 1), delay)));
    return () => clearTimeout(later);
  }, [state, tries]);
}

/** The theme that the person chose on another machine. */
function useSavedTheme() {
  const state = useSession();
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    const saved = session.me()?.preferences?.theme;
    if (state === 'in' && saved && saved !== 'auto' && !document.cookie.includes('patapay-theme='))
      setColorScheme(saved);
  }, [state, setColorScheme]);
}

/** The only page that a start password opens: the choice of a password of one's own. */
function OwnPassword() {
  return (
    <main className="stack alone">
      <div className="brand">PataPay</div>
      <div className="card roomy">
        <PageHeader
          title="Crie sua senha"
          lead={`Olá, ${session.me()?.name ?? ''}. A senha inicial serve só para entrar aqui; agora escolha a sua.`}
        />
        <Suspense fallback={<Loading />}>
          <PasswordForm start />
        </Suspense>
      </div>
      <Announcer />
    </main>
  );
}

/** The only page for whoever must have a second factor and has none. */
function OwnFactorPage() {
  return (
    <main className="stack alone">
      <div className="brand">PataPay</div>
      <Suspense fallback={<Loading />}>
        <OwnFactor />
      </Suspense>
      <Announcer />
    </main>
  );
}

/** Whose the page is and when it was printed: on paper nothing else says so. */
function PrintedHeader() {
  const clinic = useClinic().data;
  const [printedAt, setPrintedAt] = useState(() => new Date());
  useEffect(() => {
    const note = () => flushSync(() => setPrintedAt(new Date()));
    window.addEventListener('beforeprint', note);
    return () => window.removeEventListener('beforeprint', note);
  }, []);
  if (!clinic) return null;
  return (
    <div className="printed" data-testid="printed-header">
      <strong>{clinic.name}</strong>
      <span>
        {clinic.taxId && namedTaxId(clinic.taxId)}
        {clinic.sandbox && ' · SANDBOX — nenhum valor é real'}
      </span>
      <span>Impresso em {instant(printedAt)} pelo PataPay</span>
    </div>
  );
}

const VisitBanner = lazy(() => import('./visit-banner'));
const Palette = lazy(() => import('./palette'));
const PersonMenu = lazy(() => import('./person-menu'));
const OwnFactor = lazy(() => import('../features/settings/own-factor'));
const PasswordForm = lazy(async () => ({ default: (await import('../ui/password-form')).PasswordForm }));

/** Ctrl+K, or ⌘K, opens the palette; its code comes with the first time. */
function PaletteKey({ items }: { items: Item[] }) {
  const [asked, setAsked] = useState(0);
  const scopes = useMe()?.scopes;
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (!(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey || e.key.toLowerCase() !== 'k') return;
      e.preventDefault();
      setAsked((n) => n + 1);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  if (asked === 0) return null;
  return (
    <Suspense fallback={null}>
      <Palette pages={items.filter((item) => !item.scope || scopes?.includes(item.scope))} asked={asked} />
    </Suspense>
  );
}

/** The page itself: a clinic's for its people and for an operator who sees it, the console's for operators. */
function Page() {
  const { pathname } = useLocation();
  const seen = useVisit();
  const operator = !session.me()?.tenantId;
  const inConsole = /^\/ops(\/|$)/.test(pathname);
  if (inConsole && !operator)
    return (
      <Banner tone="info" title="Esta área é da operação">
        Ela é só para quem opera o PataPay.
      </Banner>
    );
  if (operator && !inConsole && !seen && pathname !== '/app/perfil') return <Navigate to="/ops" replace />;
  return <Outlet />;
}

function Frame() {
  const asked = useClinic();
  const clinic = asked.data;
  const seen = useVisit();
  const list = session.me()?.tenantId || seen ? items : operatorItems;
  const main = useFreshStart();
  useLive();
  useShortcuts();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <a className="skip" href="#conteudo">
        Pular para o conteúdo
      </a>
      {clinic?.sandbox && (
        <section className="ribbon" aria-label="Ambiente">
          SANDBOX — nenhum valor é real
        </section>
      )}
      <header className={asked.isLoading ? 'top unseen' : 'top'}>
        <Link to={list === items ? '/app' : '/ops'} className="brand">
          PataPay
        </Link>
        <span className="clinic">{clinic?.name}</span>
        <div className="end">
          <ConnectionPill />
          <Person />
        </div>
      </header>
      <div className={asked.isLoading ? 'frame unseen' : 'frame'}>
        <nav className="side" aria-label="Principal">
          <Items list={list} />
        </nav>
        <main className="content" id="conteudo" tabIndex={-1} ref={main}>
          <PrintedHeader />
          {seen && (
            <Suspense fallback={null}>
              <VisitBanner visit={seen} />
            </Suspense>
          )}
          <Page />
        </main>
      </div>
      <nav className="bottom" aria-label="Atalhos">
        <Items list={list === items ? bottomItems : operatorItems.slice(0, 3)} />
        <button type="button" onClick={() => setOpen(true)} aria-haspopup="dialog">
          <Icon name="menu" />
          <span>Menu</span>
        </button>
      </nav>
      <Drawer opened={open} onClose={close} title="Menu" size="xs">
        <nav className="full-menu" aria-label="Menu completo">
          <Items list={list} chosen={close} />
        </nav>
      </Drawer>
      <SessionGuard />
      {list === items && <PaletteKey items={list} />}
      <UndoBar />
      <Announcer />
    </>
  );
}

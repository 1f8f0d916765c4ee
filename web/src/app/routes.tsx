import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
} from '@tanstack/react-router';

import { eventSearch, fleetSearch, invoiceSearch, ledgerSearch, listSearch, workSearch } from '../lib/search';
import { ErrorBanner, Loading } from '../ui/states';
import { Shell } from './shell';

// Every page is a chunk of its own. What can be filtered stands in the address, so that
// back, forward and a copied address show the same.

const root = createRootRoute({ component: Outlet, notFoundComponent: () => <Navigate to="/app" replace /> });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const login = createRoute({
  getParentRoute: () => root,
  path: '/app/entrar',
  validateSearch: (s: Record<string, unknown>): { para?: string } =>
    typeof s.para === 'string' ? { para: s.para } : {},
  component: lazyRouteComponent(() => import('../features/login/page')),
});

const newPassword = createRoute({
  getParentRoute: () => root,
  path: '/app/senha',
  component: lazyRouteComponent(() => import('../features/login/new-password')),
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/app',
  component: lazyRouteComponent(() => import('../features/home/page')),
});
const webhooks = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/webhooks',
  component: lazyRouteComponent(() => import('../features/integration/webhooks')),
});
const asaas = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/webhooks/asaas',
  component: lazyRouteComponent(() => import('../features/integration/page')),
});
const health = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/webhooks/asaas/saude',
  component: lazyRouteComponent(() => import('../features/health/page')),
});
const events = createRoute({
  getParentRoute: () => shell,
  path: '/app/eventos',
  validateSearch: eventSearch,
  component: lazyRouteComponent(() => import('../features/events/list')),
});
const event = createRoute({
  getParentRoute: () => shell,
  path: '/app/eventos/$id',
  component: lazyRouteComponent(() => import('../features/events/detail')),
});
const invoices = createRoute({
  getParentRoute: () => shell,
  path: '/app/faturas',
  validateSearch: invoiceSearch,
  component: lazyRouteComponent(() => import('../features/invoices/list')),
});
const invoice = createRoute({
  getParentRoute: () => shell,
  path: '/app/faturas/$id',
  component: lazyRouteComponent(() => import('../features/invoices/detail')),
});
const checkouts = createRoute({
  getParentRoute: () => shell,
  path: '/app/checkouts',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/checkouts/list')),
});
const checkout = createRoute({
  getParentRoute: () => shell,
  path: '/app/checkouts/$id',
  component: lazyRouteComponent(() => import('../features/checkouts/detail')),
});
const anticipations = createRoute({
  getParentRoute: () => shell,
  path: '/app/antecipacoes',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/anticipations/list')),
});
const ledger = createRoute({
  getParentRoute: () => shell,
  path: '/app/extrato',
  validateSearch: ledgerSearch,
  component: lazyRouteComponent(() => import('../features/ledger/page')),
});
const disputes = createRoute({
  getParentRoute: () => shell,
  path: '/app/disputas',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/disputes/list')),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes',
  component: lazyRouteComponent(() => import('../features/settings/page')),
});
const users = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/usuarios',
  component: lazyRouteComponent(() => import('../features/settings/users')),
});
const tokens = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/tokens',
  component: lazyRouteComponent(() => import('../features/settings/tokens')),
});
const endpoints = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/sistemas',
  component: lazyRouteComponent(() => import('../features/endpoints/list')),
});
const endpoint = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/sistemas/$id',
  component: lazyRouteComponent(() => import('../features/endpoints/detail')),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: '/app/configuracoes/auditoria',
  component: lazyRouteComponent(() => import('../features/settings/audit')),
});
const profile = createRoute({
  getParentRoute: () => shell,
  path: '/app/perfil',
  component: lazyRouteComponent(() => import('../features/settings/profile')),
});
const workItems = createRoute({
  getParentRoute: () => shell,
  path: '/app/pendencias',
  validateSearch: workSearch,
  component: lazyRouteComponent(() => import('../features/work-items/list')),
});
const workItem = createRoute({
  getParentRoute: () => shell,
  path: '/app/pendencias/$id',
  component: lazyRouteComponent(() => import('../features/work-items/detail')),
});
const agenda = createRoute({
  getParentRoute: () => shell,
  path: '/app/agenda',
  validateSearch: workSearch,
  component: lazyRouteComponent(() => import('../features/agenda/page')),
});
const help = createRoute({
  getParentRoute: () => shell,
  path: '/app/ajuda',
  component: lazyRouteComponent(() => import('../features/help/page')),
});

const opsOverview = createRoute({
  getParentRoute: () => shell,
  path: '/ops',
  component: lazyRouteComponent(() => import('../features/ops/overview')),
});
const opsFleet = createRoute({
  getParentRoute: () => shell,
  path: '/ops/clinicas',
  validateSearch: fleetSearch,
  component: lazyRouteComponent(() => import('../features/ops/fleet')),
});
const opsClinic = createRoute({
  getParentRoute: () => shell,
  path: '/ops/clinicas/$id',
  component: lazyRouteComponent(() => import('../features/ops/clinic')),
});
const opsActions = createRoute({
  getParentRoute: () => shell,
  path: '/ops/acoes',
  validateSearch: fleetSearch,
  component: lazyRouteComponent(() => import('../features/ops/actions')),
});
const opsAction = createRoute({
  getParentRoute: () => shell,
  path: '/ops/acoes/$id',
  component: lazyRouteComponent(() => import('../features/ops/actions'), 'OpsAction'),
});
const opsWork = createRoute({
  getParentRoute: () => shell,
  path: '/ops/trabalhos',
  component: lazyRouteComponent(() => import('../features/ops/work')),
});
const opsAlarms = createRoute({
  getParentRoute: () => shell,
  path: '/ops/avisos',
  component: lazyRouteComponent(() => import('../features/ops/alarms')),
});
const opsUnclaimed = createRoute({
  getParentRoute: () => shell,
  path: '/ops/sem-clinica',
  component: lazyRouteComponent(() => import('../features/ops/unclaimed')),
});
const opsAudit = createRoute({
  getParentRoute: () => shell,
  path: '/ops/auditoria',
  component: lazyRouteComponent(() => import('../features/ops/audit')),
});

const operators = [opsOverview, opsFleet, opsClinic, opsActions, opsAction, opsWork, opsAlarms, opsUnclaimed, opsAudit];
const people = [settings, users, tokens, endpoints, endpoint, audit, profile, agenda, workItems, workItem, help];
const pages = [
  home,
  webhooks,
  asaas,
  health,
  events,
  event,
  invoices,
  invoice,
  checkouts,
  checkout,
  anticipations,
  ledger,
  disputes,
];

export const router = createRouter({
  routeTree: root.addChildren([login, newPassword, shell.addChildren([...pages, ...people, ...operators])]),
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }) => <ErrorBanner error={error} retry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

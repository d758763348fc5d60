/** Where a person lets a device in: the address that the device shows, and the decision. */
import { ProblemError } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { Controller, Get, HttpCode, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Accepts } from '../../http/accepts.ts';
import { DEVICE_PAGE_PATH } from '../../http/adapter.ts';
import { Reads } from '../../reads.ts';
import { Access } from '../access.ts';
import { refuseCrossSite } from '../cross-site.ts';
import { type Asker } from '../device/device-limits.ts';
import { Devices } from '../device/devices.ts';
import { SessionCookie } from '../session-cookie.ts';
import { returnPath } from '../oidc/return-to.ts';
import { type FoundSession } from '../sessions.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { decidedPage, deviceCodePage, devicePage, loginFirstPage, unknownCodePage } from './device-pages.ts';
import { PageFilter } from './page-filter.ts';
import { loginUrl, redirect, showPage } from './show-page.ts';

const DECISIONS = ['approve', 'deny'] as const;
type Decision = (typeof DECISIONS)[number];

interface DeviceForm {
  userCode: string;
  decision: Decision;
}

@ApiExcludeController()
@UseFilters(PageFilter)
@Access({ to: 'public' })
@Controller(DEVICE_PAGE_PATH.slice(1))
export class DevicePageController {
  constructor(
    private readonly devices: Devices,
    private readonly sessions: BrowserSessions,
    private readonly cookie: SessionCookie,
    private readonly reads: Reads,
    private readonly log: Log,
  ) {}

  @Get()
  @Accepts({ query: ['userCode'] })
  async show(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const session = await this.sessions.find(request);
    if (!session) return redirect(reply, loginUrl(this.cookie.origin, returnPath(request.url)));
    const { userCode } = request.query as Record<string, unknown>;
    if (typeof userCode !== 'string' || userCode.trim() === '')
      return showPage(reply, deviceCodePage(), { hasForm: true });
    const device = await this.devices.find(userCode, askerOf(session, request));
    return device
      ? showPage(reply, devicePage(device, await this.nameOf(session.userId)), { hasForm: true })
      : showPage(reply, unknownCodePage(), { status: 404, hasForm: true });
  }

  /** As the person knows themselves; the page does as well without. */
  private async nameOf(userId: string): Promise<string> {
    const [profile] = await this.reads.profiles([userId]).catch(() => []);
    return profile?.email ?? profile?.name ?? userId;
  }

  /** The form of the page above. Nobody but that page can send it: it takes what a session may do to a device. */
  @Post()
  @HttpCode(200)
  @Accepts({ body: 'form' })
  async decide(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    refuseCrossSite(request.raw, this.cookie.origin);
    const { userCode, decision } = readForm(request.body);
    const session = await this.sessions.find(request);
    if (!session) {
      const returnTo = `${DEVICE_PAGE_PATH}?${new URLSearchParams({ userCode }).toString()}`;
      return showPage(reply, loginFirstPage(loginUrl(this.cookie.origin, returnTo)), { status: 401 });
    }
    const asker = askerOf(session, request);
    const isDone =
      decision === 'approve'
        ? await this.devices.approve(userCode, session.userId, asker)
        : await this.devices.deny(userCode, asker);
    if (!isDone) return showPage(reply, unknownCodePage(), { status: 404, hasForm: true });
    this.log.info('a device was decided about', {
      requestId: request.id,
      userId: session.userId,
      session: session.sessionId,
      state: decision,
    });
    return showPage(reply, decidedPage(decision === 'approve'));
  }
}

function askerOf({ sessionId }: FoundSession, { ip }: FastifyRequest): Asker {
  return { sessionId, address: ip };
}

/** @throws ProblemError for anything but one code and one decision. */
function readForm(body: unknown): DeviceForm {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const [userCodes, decisions] = [form.getAll('userCode'), form.getAll('decision')];
  const decision = DECISIONS.find((one) => one === decisions[0]);
  if (userCodes.length !== 1 || decisions.length !== 1 || decision === undefined || form.size !== 2)
    throw new ProblemError('bad-request', 'The form must hold one code and one decision.');
  return { userCode: userCodes[0]!, decision };
}

/** Lists: the query that asks for a page, and the answer that holds one. */
import type { Page, PageRequest } from '@mcpstack/read-models';
import type { Type } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, MaxLength } from 'class-validator';
import { IsGiven } from './fields.ts';

export const MAX_PAGE_LIMIT = 100;

/** The query fields of every list, for `Accepts`. */
export const PAGE_FIELDS = ['limit', 'cursor'] as const;

export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_LIMIT, default: 50 })
  @Matches(/^(?:[1-9][0-9]?|100)$/, { message: `limit must be a number from 1 to ${MAX_PAGE_LIMIT}` })
  @IsGiven()
  limit?: string;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before.', maxLength: 512 })
  @MaxLength(512)
  @Matches(/^[\x21-\x7e]+$/, { message: 'cursor is none that a list answered' })
  @IsGiven()
  cursor?: string;
}

/** The page that a query asks for. */
export function pageOf({ limit, cursor }: PageQuery): PageRequest {
  return {
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(cursor !== undefined && { cursor }),
  };
}

export interface List<Answer> {
  data: Answer[];
  /** Asks for the next page; absent on the last one. */
  nextCursor?: string;
}

/** A page as it is answered, each item field by field. */
export function listOf<Item, Answer>(page: Page<Item>, answer: (item: Item) => Answer): List<Answer> {
  return {
    data: page.items.map(answer),
    ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
  };
}

/** The class of a list of these answers, for the OpenAPI document: `class AgentList extends ListOf(AgentAnswer) {}`. */
export function ListOf<Answer>(item: Type<Answer>): Type<List<Answer>> {
  class ListAnswer implements List<Answer> {
    @ApiProperty({ type: [item] })
    data!: Answer[];

    @ApiPropertyOptional({ description: 'Asks for the next page; absent on the last one.' })
    nextCursor?: string;
  }
  return ListAnswer;
}

import {
  type Article as ArticleReply,
  ArticleState,
  Changed,
  OwnArticle,
} from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** An article: written, handed in, reviewed by somebody else, published, perhaps withdrawn. */
@Entity()
export class Article {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') siteId: string;
  @Column('text') section: string;
  @Column('text') slug: string;
  @Column('text') title: string;
  @Column('text', { nullable: true }) summary?: string;
  @Column('text') body: string;
  @Column('text') state: ArticleReply['state'];
  @Column('uuid') writtenBy: string;
  @Column('uuid', { nullable: true }) reviewedBy?: string;
  @Column('timestamptz', { nullable: true }) publishedAt?: Date;
  @Column('timestamptz') createdAt: Date;
  @VersionColumn() version: number;

  /** What is public is never changed under its readers: a changed article goes through review again. */
  change(text: Pick<Article, 'title' | 'summary' | 'body'>, writer: string, version: number) {
    this.mustBe(['draft', 'submitted', 'published', 'withdrawn'], version);
    Object.assign(this, text, { state: 'draft', writtenBy: writer });
  }

  submit(version: number) {
    this.mustBe(['draft'], version);
    this.state = 'submitted';
  }

  publish(reviewer: string, version: number) {
    this.mustBe(['submitted'], version);
    if (reviewer === this.writtenBy) throw new OwnArticle();
    this.state = 'published';
    this.reviewedBy = reviewer;
    this.publishedAt = new Date();
  }

  withdraw(version: number) {
    this.mustBe(['published', 'submitted'], version);
    this.state = 'withdrawn';
  }

  private mustBe(states: ArticleReply['state'][], version: number) {
    if (version !== this.version) throw new Changed();
    if (!states.includes(this.state)) throw new ArticleState();
  }
}

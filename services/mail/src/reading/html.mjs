import { Parser } from 'htmlparser2';
import sanitizeHtml from 'sanitize-html';

const unseen = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg', 'math']);
/** Elements that do not part the words around them. */
const inline = new Set('a,abbr,b,big,code,em,font,i,mark,s,small,span,strong,sub,sup,u'.split(','));

/** The words of HTML as they are seen, without its elements. */
export function textOfHtml(html) {
  const pieces = [];
  let hidden = 0;
  const parser = new Parser({
    onopentag(name) {
      if (unseen.has(name)) hidden++;
      if (!inline.has(name)) pieces.push('\n');
    },
    ontext(text) {
      if (hidden === 0) pieces.push(text);
    },
    onclosetag(name) {
      if (unseen.has(name)) hidden--;
      if (!inline.has(name)) pieces.push('\n');
    },
  });
  parser.end(html);
  return pieces
    .join('')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();
}

const colour = /^(?:#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s.,%]{1,40}\))$/i;
const length = /^-?[\d.]{1,8}(?:px|pt|em|rem|ex|%)?$/i;
const lengths = /^(?:-?[\d.]{1,8}(?:px|pt|em|rem|ex|%)? ?){1,4}$/i;
const word = /^[a-z-]{1,20}$/i;
const styles = {
  color: [colour],
  'background-color': [colour],
  'text-align': [word],
  'vertical-align': [word, length],
  'font-weight': [/^(?:[a-z]{1,10}|\d{3})$/i],
  'font-style': [word],
  'font-size': [length, word],
  'font-family': [/^[\p{L}\d\s,'"-]{1,200}$/u],
  'text-decoration': [word],
  'line-height': [length],
  margin: [lengths],
  padding: [lengths],
  border: [/^[\w\s#.]{1,60}$/],
  'border-collapse': [word],
  width: [length],
  height: [length],
};

/**
 * HTML of mail made harmless: only what text, tables and pictures of the message itself need. Nothing
 * runs, nothing is asked for from elsewhere, nothing is sent, and no style leaves its place. Pictures
 * stay only as `cid:`; links say where they lead and open apart.
 */
export function harmless(html) {
  return sanitizeHtml(html, {
    allowedTags: [
      ...'p,br,hr,div,span,blockquote,pre,code,h1,h2,h3,h4,h5,h6,ul,ol,li,dl,dt,dd'.split(','),
      ...'a,abbr,b,big,center,cite,del,em,font,i,ins,kbd,mark,q,s,small,strike,strong,sub,sup,u'.split(
        ',',
      ),
      ...'table,thead,tbody,tfoot,tr,th,td,caption,colgroup,col,img'.split(','),
    ],
    allowedAttributes: {
      '*': ['style', 'align', 'valign', 'dir', 'lang', 'title', 'width', 'height', 'bgcolor'],
      a: ['href', 'rel', 'target'],
      img: ['src', 'alt'],
      font: ['color', 'size', 'face'],
      table: ['border', 'cellpadding', 'cellspacing'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan'],
      ol: ['start', 'type'],
    },
    allowedStyles: { '*': styles },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['cid'] },
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
    nestingLimit: 100,
    transformTags: {
      a: (tagName, { href, style, title }) => ({
        tagName,
        attribs: {
          ...(href === undefined ? {} : { href }),
          ...(style === undefined ? {} : { style }),
          ...(title === undefined ? {} : { title }),
          rel: 'noopener noreferrer nofollow',
          target: '_blank',
        },
      }),
    },
  });
}

/**
 * What `chooseLane` looks for in a prompt's small letters. Prompts come from anyone, and every pattern is tried at each of their
 * characters: none may go back over what it has read (its test counts the engine's steps on hostile texts).
 */
export const lanePatterns = {
  breadth:
    /\b(?:across|throughout|everywhere|entire|whole|codebase|repo(?:sitory)?-wide|project-wide|all (?:the |our |of )?(?:\w+ )?(?:files|modules|packages|services|endpoints|routes|handlers|callers|usages|components|tests|places|models|controllers|pages|strings|queries)|every (?:\w+ )?(?:file|module|package|service|endpoint|route|handler|caller|component|place|page|query|controller))\b/,
  largeVerb:
    /\b(?:migrat\w+|re-?architect\w*|redesign\w*|rewrit(?:e|ing)|overhaul\w*|refactor\w*|port (?:\w+ ){0,4}(?:to|from)|convert (?:the|our|all|every)|upgrad(?:e|ing)|moderni[sz]e|restructur\w+|split (?:the|up)|extract (?:the|a) (?:\w+ ){0,3}(?:package|service|module|library)|introduce|integrat(?:e|ion)|set up|scaffold|investigat\w+|profil(?:e|ing)|audit|benchmark|replace (?:\w+ ){1,5}(?:with|by))\b/,
  feature:
    /\b(?:(?:implement|build|create|design|develop)\b|support for\b|end-to-end|from scratch|new (?:\w+ )?(?:feature|service|module|package|page|endpoint|api|command|subsystem|dashboard|pipeline|integration|client)\b)/,
  infrastructure:
    /\b(?:database|schema|migration|auth(?:entication|orization)|oauth|sso|ci(?:\/cd)?|pipeline|docker(?:file)?|kubernetes|helm|terraform|deploy\w*|queue|cach(?:e|ing) layer|websockets?|i18n|internationali[sz]ation|dark mode|rate limit\w*|telemetry|multi-tenant\w*|test coverage)\b/,
  unknownCause:
    /\b(?:find out|figure out|root cause|flak(?:y|iness)|intermittent\w*|sometimes|memory leak|deadlock|race condition|why (?:is|are|does|do) (?:our|the) \w+ (?:\w+ )?(?:slow|fail\w*|crash\w*|hang\w*|leak\w*))\b/,
  smallVerb:
    /\b(?:rename|typo|fix (?:the|a|this) (?:typo|off-by-one|import|lint|type error|null check|condition|spelling|wording|label|link)|spelling|wording|bump|tweak|correct|return \S+ instead|change (?:the )?(?:\w+ ){0,4}(?:to|from)|set (?:the )?\S+ (?:\w+ ){0,3}to|add (?:a|an|the|one) (?:\w+ ){0,2}(?:comment|docstring|null check|check|guard|log line|test|default|parameter|argument|option|field|export|import|return type|type annotation|case|line|button label|tooltip|unit test)|remove (?:the |a |this )?(?:unused|dead|stray|extra|trailing|console|debug)|make (?:the )?\S+ (?:\w+ ){0,2}(?:optional|required|const|async|readonly|private|public)|inline|off by one|should (?:be|return|use|throw|say)|instead of)\b/,
  onePlace:
    /\b(?:this|the) (?:function|method|line|test|class|constant|variable|component|button|message|regex|query|error|field|flag|header|label|helper|loop|condition|typo|comment|readme|docstring)\b|`[^`\n]{2,60}`/,
  listItem: /^[ \t]*(?:[-*]|\d{1,9}[.)])[ \t]+\S/gm,
  steps:
    /\b(?:then|after that|finally|as well as|and also)\b.*\b(?:then|after that|finally|as well as|and also)\b/s,
  question: /^(?:what|where|which|how does|does|is|why does)\b/,
  path: /^[\w@./-]*[\w-]\.(?:[a-z]{1,4}|[a-z]+rc|json5?|ya?ml|toml|proto|scss|svelte|lock)$/,
  sentenceEnd: /(?<![.!?])[.!?]+$/,
} as const

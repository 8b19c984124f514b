/** The comparison as files for a paper or a spreadsheet. */
import { useEffect, useMemo } from "preact/hooks";

export function Downloads({ markdown, csv }: { markdown: string; csv: string }) {
  return (
    <p class="row">
      <Download name="comparison.md" type="text/markdown" text={markdown} />
      <Download name="leaderboard.csv" type="text/csv" text={csv} />
    </p>
  );
}

function Download({ name, type, text }: { name: string; type: string; text: string }) {
  const address = useMemo(() => URL.createObjectURL(new Blob([text], { type })), [text, type]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return (
    <a href={address} download={name}>
      {name}
    </a>
  );
}

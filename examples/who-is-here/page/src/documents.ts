/** The documents, and which of them is read: the one that the address names. */

import { shallowRef } from "vue";
import type { ShallowRef } from "vue";

export interface Document {
  /** A segment of a topic. */
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export const DOCUMENTS = [
  {
    id: "handbook",
    title: "A handbook for new neighbours",
    paragraphs: [
      "Welcome to the house. Forty-one people live here on six floors, and most of them will hold the door for you. This page is what we wish somebody had told us on our first day.",
      "The workshop in the basement is everybody’s. Whoever leaves it tidier than it was may use the good saw. The key hangs behind the second bicycle from the left, where it has always been, although we say every year that it should not.",
      "On Thursdays there is soup. Nobody organises it, and yet there has not been a Thursday without it since the winter of the broken boiler. Bring a bowl, or bread, or a story that is not too long.",
      "If something drips, hums or smells of burning, knock at the third floor. If something drips, hums or smells of burning on the third floor, knock louder.",
    ],
  },
  {
    id: "minutes",
    title: "Minutes of the garden meeting",
    paragraphs: [
      "Present were eleven people, two dogs and, for the second half, the rain. The compost was discussed first, as always, because those who care about it leave early.",
      "It was agreed that the pear tree stays. It was not agreed whose pears they are. Until that is settled whoever stands below it when one falls may keep it, which nobody thinks can be abused.",
      "The fence towards the school will be painted by the children, in a colour of their choice, which is known to be all of them. Paint is paid for out of the money for the bench, since the bench was found.",
      "The next meeting is on the first dry evening of the month. How dry it has to be was left open.",
    ],
  },
  {
    id: "recipe",
    title: "Soup for forty-one",
    paragraphs: [
      "Begin with onions: three kilograms, cut by at least four people, so that nobody cries alone. Let them turn golden in the large pot, slowly, with a glass of oil and more patience than seems reasonable.",
      "Add carrots, the heart of a celery and all the potatoes that were promised. Cover with water. What is promised and not brought is made up for with lentils, of which there are always some behind the flour.",
      "Salt late and taste often. The right moment is when the second person who walks in asks whether it is ready. Lemon at the end, and pepper for those who sit near the window.",
      "It keeps until Saturday. It has never had to.",
    ],
  },
] as const satisfies readonly Document[];

const current = shallowRef<Document>(named());
addEventListener("popstate", () => (current.value = named()));

/** The document that is read. */
export const reading: Readonly<ShallowRef<Document>> = current;

/** Where a document is. */
export function addressOf({ id }: Document): string {
  return `?document=${id}`;
}

/** Goes on to another document. */
export function open(document: Document): void {
  history.pushState(null, "", addressOf(document));
  current.value = document;
}

function named(): Document {
  const id = new URLSearchParams(location.search).get("document");
  return DOCUMENTS.find((it) => it.id === id) ?? DOCUMENTS[0];
}

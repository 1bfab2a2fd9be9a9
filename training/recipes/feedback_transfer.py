"""TV-Remote feedback transfer: do votes on half the questions help the other half, and do they stick?

    python -m training.recipes.feedback_transfer DATA [--work DIR] [--only honest …] [--seeds 0 1 2] [--on tv]

For each seed the questions of half A, without the paraphrased ones, are asked of the shipped release and
voted on by people; the votes go through the store, the triplets and a retraining, as in service.
Measured before and after, whether the gate promoted the candidate or not: half B, the paraphrased questions
of half A, SQuAD v1.1 dev (the reader alone), and the sample manuals' questions.

Variants: `honest` (thumbs-up and corrections), `thumbs-up` (no corrections), `fifth-wrong` (20 % of the votes
are for a random span), `all-wrong` (50 votes, all for random spans), `one-account` (500 wrong votes from
one person, of whom 50 questions a week count), `rounds` (five rounds of 60 votes, each promoted or not;
the paraphrased questions are among the last ones; measured is what answers then).

`--on samples` asks and votes on the sample manuals, in rounds of 17 votes; `--on held_out` on those of the
project's own manuals that are for figures alone (`own_manuals/held_out`), also on those that they do not
answer: 300 of 526 are voted on, in rounds of 60. Files are called samples-VARIANT or held_out-VARIANT then.
No weights, ranking or excerpt that is shipped was fitted to them.

What is done is kept in DIR, one file a step: killed, the recipe goes on, in the middle of a retraining too.
Other --squad, --votes or --questions need another DIR.
Figures are printed, and written to DIR/VARIANT.json; the curve of the rounds to DIR/rounds.png.

How the retraining's parts were chosen, on retrieval and ranking alone with a reader of the first stage (hit@1
before any vote: half B 0.735, paraphrases 0.810; half B was looked at):

- Ranking's weights fitted again on votes, as a conditional logit drawn towards the present weights: half B
  +3.9 points with all of half A's questions, +2.4 with 30 questions, from weights that knew nothing of this
  manual. The ones shipped now were fitted on TV-Remote, and lose by it: see PRESENT_PENALTY in
  training/retrieval/ranking_fit.py. More values (the cosine apart, the words of headings, rare words,
  lengths) add nothing or lose a point; the cosine of the best block beside a squashed margin adds 1.2 over
  twelve splits.
- Known questions (training/recipes/known_questions.py): paraphrases +12 by ranking alone, half B -0.7, or -2
  with the questions that both halves have nearly word for word and other sections are gold for.
- The reader that learned from a teacher, all passages of a question together in one softmax of what ranks
  them (seed 0, 226 questions of 8 passages, 5e-5, two epochs, spans and what it held for silent beside it):
  the loss on them falls from 0.90 to 0.53, half B's hit@1 from 0.860 to 0.852, its reciprocal rank by 0.005
  (standard error 0.009), and the paraphrases' stays.
- Held-out questions asked while the near-duplicates beside them are known (nine draws of 44 to 47): one in
  five is like another one; of all 411 four come first that did not, and three no more. So the gate does
  not count it.
- The reader fine-tuned on half A (1e-4, two epochs, no rehearsal, seed 1) learns the voted questions by
  heart: paraphrases 0.82 → 0.91 at a weight of 0.06, half B 0.675 → 0.662, and at 0.2 0.701 → 0.611. So its
  share is chosen by how it ranks and reads questions that were set aside, and may be none.
- The encoder: a linear map of its vectors trained on half A gives paraphrases +12, half B -0.5. Its share is
  chosen in the same way; where it is none, nothing is embedded again.
- Shares of new weights up to 1 (seed 1, 200 votes, twice): the reader's was 1 and the encoder's 0.5; half B
  +2.5 and +1.3 points hit@1, paraphrases +5.0 and +5.9, samples +1.7 and +1.1, and the span's token F1 on
  held-out questions fell from 0.77 to 0.74 and 0.67. Since then half is the most.
- The gate on a gain as that of the ranking (4.9 % of questions better, 1 % worse): by hit@1 alone 24 % of
  candidates pass with 40 held-out questions and 33 % with 60; by the reciprocal rank 43 % and 56 %, and of
  candidates without any gain about 12 %, of those as much worse 1 %. With probabilities beside ranks: see
  `_scores` in training/retraining/frozen.py.
- The reader that learned from a teacher (seed 0, 237 votes), its share chosen by the likelihood of passage
  and span: 0.5. On 47 held-out questions the right section came first for 0.745 in place of 0.787, and the
  span's token F1 fell from 0.63 to 0.58; half B -3.0 points hit@1. Since then see
  training/reading/reading_cases.py.
"""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import cycle, islice
from pathlib import Path
from typing import Any, get_args

from qa_core.answers import Answers
from qa_core.engine import Engine
from qa_core.installation import Installation
from qa_core.migrations import QA_CORE
from qa_core.store import Store
from training.feedback.triplet import Rules
from training.migrations import TRAINING
from training.recipes.halves import SEEDS
from training.recipes.simulated_votes import N_PEOPLE, Cast, Kind, vote_on_all
from training.recipes.transfer_figures import figures
from training.recipes.transfer_results import table, write_results
from training.recipes.transfer_trial import N_ROUNDS, VOTES_A_ROUND, Manuals, Parts, Trial, name_on
from training.recipes.tv_remote import TvQuestion
from training.retraining.job_process import Task, run_job
from training.retraining.jobs import Job, Jobs, Request
from training.retraining.retrain_settings import RetrainSettings
from training.votes import Votes

VARIANTS = ("honest", "thumbs-up", "fifth-wrong", "all-wrong", "one-account", "rounds")
RULES = Rules(approve_all=True)


def run_trial(trial: Trial, how: RetrainSettings) -> list[dict[str, Any]]:
    """The figures before the first retraining, and after each. Raises DataError where others are kept."""
    trial.check_options()
    parts = Parts.of(trial)
    installation = Installation(trial.settings)
    installation.open_library().add([trial.source()])  # changes nothing where it is there
    store = Store(trial.settings.database, (QA_CORE, TRAINING))
    rows = [trial.once_a_seed("before", lambda: figures(trial, parts, installation.releases.current()))]
    rounds = N_ROUNDS if trial.variant == "rounds" else 1
    for number in range(rounds):
        asked, kinds = ballot(trial, parts, number)
        people = voters(trial, number)
        trial.once(f"votes-{number}", lambda: asdict(cast_votes(trial, store, asked, kinds, people)))  # noqa: B023
        job = trial.once(f"job-{number}", lambda: job_json(retrain(trial, store, how)))
        release = installation.releases.get(measured_release(trial, job) or rows[-1]["release"])
        known = rows[-1] if rows[-1]["release"] == release.id else None
        measured = trial.once(f"after-{number}", lambda: known or figures(trial, parts, release))  # noqa: B023
        rows.append({**measured, "job": job})
    return rows


def measured_release(trial: Trial, job: Mapping[str, Any]) -> str | None:
    """The candidate, whether it answers or not; over rounds what answers. None: what there was before."""
    answers = job["state"] == "promoted" or trial.variant != "rounds"
    return job["release"] if answers else None


def ballot(trial: Trial, parts: Parts, number: int) -> tuple[list[TvQuestion], list[Kind]]:
    """Which questions are voted on in a round, and how; in an order by lot, the manual's is one of topics."""
    voted, lot = list(parts.voted), random.Random(trial.seed)  # noqa: S311 - no secret
    lot.shuffle(voted)
    if trial.variant == "rounds":  # half A has not enough without the paraphrased ones
        voted += parts.paraphrased
        n_votes = VOTES_A_ROUND[trial.manuals]
        voted = voted[number * n_votes : (number + 1) * n_votes]
    if trial.variant == "all-wrong":
        voted = voted[:50]
    if trial.variant == "one-account":
        voted = list(islice(cycle(voted), 500))
    wrong_every = {"fifth-wrong": 5, "all-wrong": 1, "one-account": 1}.get(trial.variant)
    usual: Kind = "thumbs-up" if trial.variant == "thumbs-up" else "honest"
    return voted, ["wrong" if wrong_every and n % wrong_every == 0 else usual for n in range(len(voted))]


def voters(trial: Trial, number: int) -> list[str]:
    """Who votes in a round: others each time, so that a round can be begun anew."""
    return [f"R{number}P{n}" for n in range(1 if trial.variant == "one-account" else N_PEOPLE)]


def cast_votes(
    trial: Trial, store: Store, asked: Sequence[TvQuestion], kinds: Sequence[Kind], people: Sequence[str]
) -> Cast:
    """Ask and vote; what a killed run had begun is forgotten first."""
    answers, votes = Answers(store), Votes(store)
    for person in people:
        votes.forget(person)
        answers.forget(person)
    engine = Engine(Installation(trial.settings).models())
    return vote_on_all(store, engine, asked, kinds, people, trial.seed)


def retrain(trial: Trial, store: Store, how: RetrainSettings) -> Job:
    """One retraining in this process; one that was killed goes on."""
    jobs = Jobs(store)
    job = jobs.under_way() or jobs.claim(Request(seed=trial.seed))
    assert job is not None
    print(f"{trial.variant} {trial.seed}: job {job.id}", flush=True)
    run_job(jobs, store, Task(trial.settings, job.id, RULES), how)
    return jobs.get(job.id)


def job_json(job: Job) -> dict[str, Any]:
    """What is kept of a job."""
    return {"id": job.id, "state": job.state, "release": job.release, "message": job.message}


def main() -> None:
    """Run what is not done yet, and print all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with tv-remote/ and qa/")
    parser.add_argument("--work", type=Path, default=Path("var/recipes/feedback"), metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=VARIANTS, help="default: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument(
        "--squad", type=int, default=2_000, metavar="N", help="questions of SQuAD dev; 0: none"
    )
    parser.add_argument("--votes", type=int, metavar="N", help="questions of half A; default: all")
    parser.add_argument(
        "--questions", type=int, metavar="N", help="to measure on, of each part; default: all"
    )
    parser.add_argument("--on", choices=get_args(Manuals), default="tv", help="which manuals; default: tv")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    how = RetrainSettings(rules=RULES)
    for variant in options.only:
        trials = [
            run_trial(
                Trial(
                    options.data,
                    options.work,
                    variant,
                    seed,
                    options.squad,
                    options.votes,
                    options.questions,
                    options.on,
                ),
                how,
            )
            for seed in options.seeds
        ]
        print(table(variant, trials), end="\n\n", flush=True)
        name = name_on(options.on, variant)
        write_results(options.work, name, dict(zip(options.seeds, trials, strict=True)))


if __name__ == "__main__":
    main()

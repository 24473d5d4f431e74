#!/bin/sh
# run.sh SECS FOLDER [TARGETS...]: lets every fuzzer run for so many seconds, beginning with the corpus that
# is checked in, and says what came of it. What is found on the way stays in the folder; an input that a
# target is wrong about is kept in artifacts/, and fails the run.
set -eu

secs=$1
folder=$2
shift 2
cd "$(dirname "$0")"
if [ $# -eq 0 ]; then set -- $(ls fuzz_targets | sed 's/\.rs$//'); fi

# Our code has no `unsafe`, so there is nothing for a sanitizer: without one, stable Rust will do.
run() { cargo fuzz "$@" --sanitizer none --target-dir "$folder/build"; }

run build
failed=0
for target in "$@"; do
  found="$folder/corpus/$target"
  log="$folder/$target.log"
  mkdir -p "$found" "artifacts/$target"
  verdict="no find"
  cargo fuzz run --sanitizer none --target-dir "$folder/build" "$target" "$found" "corpus/$target" -- \
    -max_total_time="$secs" -max_len=4096 -print_final_stats=1 >"$log" 2>&1 || {
    verdict="DID NOT RUN TO ITS END"
    if grep -aq "Test unit written" "$log"; then verdict="FOUND SOMETHING"; fi
    failed=1
  }
  count=$(sed -n 's/.*number_of_executed_units: //p' "$log")
  covered=$(grep -oE 'cov: [0-9]+' "$log" | tail -1)
  echo "fuzz $target: ${count:-no} executions in $secs s, $covered, $verdict"
  if [ "$verdict" != "no find" ]; then grep -aE -A3 "panicked at|SUMMARY|Test unit written" "$log" || tail -20 "$log"; fi
done
exit $failed

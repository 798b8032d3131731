#!/usr/bin/env bash
# A sweep over the nodes of a Slurm cluster: every task of this array is a worker that takes points from one database until
# none is left. Submit the sweep first, anywhere, then as many workers as you like, now or later:
#
#   export WINDTUNNEL_STORE=postgres://windtunnel@db.example.org:5432/sweeps
#   export WINDTUNNEL_PASSWORD_FILE="$HOME/.windtunnel-password"   # a file that only you may read
#   windtunnel sweep bloom-176b --vary training.microBatch=1,2,4 --store "$WINDTUNNEL_STORE" --no-wait
#   sbatch scenarios/cluster/slurm-array.sh
#   windtunnel results "$WINDTUNNEL_STORE"
#
# The same array works for `windtunnel plan ... --store "$WINDTUNNEL_STORE"`, as long as that goes on.
#
#SBATCH --job-name=windtunnel
#SBATCH --array=1-16
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem-per-cpu=2G
#SBATCH --time=04:00:00
# A minute before its time is up a worker hands back what it holds; a node that dies loses its lease, and its points go to others.
#SBATCH --signal=B:TERM@60
#SBATCH --requeue

set -euo pipefail

: "${WINDTUNNEL_STORE:?the URL of the database, postgres://user@host:5432/database}"

# A password on a command line could be read by everybody on the node.
if [[ -n "${WINDTUNNEL_PASSWORD_FILE:-}" ]]; then
  PGPASSWORD="$(<"$WINDTUNNEL_PASSWORD_FILE")"
  export PGPASSWORD
fi

exec windtunnel work --store "$WINDTUNNEL_STORE" --workers "${SLURM_CPUS_PER_TASK:-1}" --until-empty

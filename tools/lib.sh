# shellcheck shell=sh
# Read by the set-up scripts, which have set $root: where things are kept, how a step is announced and timed, how a run
# ends that cannot go on. Everything is said on stderr, so that the stdout of a make target is its result alone.

cache=${AZURE_SWARM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/azure-swarm}
mkdir -p "$cache/locks"

say() {
    printf '%s\n' "$*" >&2
}

# help "$@": the comment at the head of the script, and out, when it was asked for.
help() {
    case ${1:-} in
        --help | -h)
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
            exit 0
            ;;
    esac
}

# One sentence and out.
fail() {
    say "azure-swarm: $*"
    exit 1
}

# step DESCRIPTION COMMAND...: say what is done, do it with its output kept aside, say how long it took. The output is
# shown only where the command fails. (The shell ignores set -e in there: a function's last command decides.)
step() {
    description=$1
    shift
    step_log=$(mktemp)
    step_start=$(date +%s)
    printf '%s ... ' "$description" >&2
    if "$@" >"$step_log" 2>&1 </dev/null; then
        say "$(($(date +%s) - step_start)) s"
        rm -f "$step_log"
    else
        say "failed after $(($(date +%s) - step_start)) s, with:"
        tail -n 20 "$step_log" >&2
        rm -f "$step_log"
        fail "this step failed: $description."
    fi
}

# lock NAME: one process at a time from here to the end of the script, on file descriptor 9. Whoever leaves a process
# behind (dockerd) closes 9 for it, or the lock would outlive the script.
lock() {
    exec 9>"$cache/locks/$1"
    flock 9
}

# apt_install WHY PACKAGE...: Debian's packages, whose signatures apt verifies.
apt_install() {
    why=$1
    shift
    [ "$(id -u)" = 0 ] || fail "$why, and only root may install it: run 'sudo apt-get install $*' and try again."
    command -v apt-get >/dev/null || fail "$why, and this is not a Debian that could install it: install $* and try again."
    step "Installing $*" _apt_install "$@"
}

_apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update
    # Another apt may hold dpkg's lock, as a machine's own upgrades do after boot.
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
}

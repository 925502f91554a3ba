# bash completion for respy, printed by: respy completion bash
_respy() {
    local command=${COMP_WORDS[1]} current=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} words=
    if [[ $current == = ]]; then current=
    elif [[ $flag == = ]]; then flag=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $command in
    judge|plan|demo|completion) ;;
    *) command= ;;
    esac
    case $command:$flag in
    ":--url"|":-u") return ;;
    ":--requests"|":-n") return ;;
    ":--concurrency"|":-c") return ;;
    ":--duration"|":-z") return ;;
    ":--rate"|":-q") return ;;
    ":--timeout"|":-t") return ;;
    ":--method"|":-m") return ;;
    ":--header"|":-H") return ;;
    ":--host") return ;;
    ":--body"|":-d") return ;;
    ":--body-file"|":-D") COMPREPLY=($(compgen -f -- "$current")); return ;;
    ":--connect-to") return ;;
    ":--unix-socket") COMPREPLY=($(compgen -f -- "$current")); return ;;
    ":--cacert") COMPREPLY=($(compgen -f -- "$current")); return ;;
    ":--cert") COMPREPLY=($(compgen -f -- "$current")); return ;;
    ":--key") COMPREPLY=($(compgen -f -- "$current")); return ;;
    ":--sni") return ;;
    ":--connection-reuse") return ;;
    ":--session-header") return ;;
    ":--session-cookie") return ;;
    ":--session-requests") return ;;
    ":--expect") return ;;
    ":--route-file"|":-f") COMPREPLY=($(compgen -f -- "$current")); return ;;
    ":--route") return ;;
    ":--namespace") return ;;
    ":--labels") return ;;
    ":--envoy") return ;;
    ":--envoy-dump") COMPREPLY=($(compgen -f -- "$current")); return ;;
    ":--map") return ;;
    ":--version-from") COMPREPLY=($(compgen -W "auto header: json: regex: body status envoy" -- "$current")); return ;;
    ":--alpha") return ;;
    ":--test") COMPREPLY=($(compgen -W "auto exact chi-square" -- "$current")); return ;;
    ":--tolerance") return ;;
    ":--max-errors") return ;;
    ":--inconclusive") COMPREPLY=($(compgen -W "fail pass" -- "$current")); return ;;
    ":--wait-programmed") return ;;
    ":--output"|":-o") COMPREPLY=($(compgen -W "table wide json jsonl csv markdown junit tap html github prom" -- "$current")); return ;;
    ":--color") COMPREPLY=($(compgen -W "auto always never" -- "$current")); return ;;
    "judge:--expect") return ;;
    "judge:--route-file"|"judge:-f") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "judge:--route") return ;;
    "judge:--namespace") return ;;
    "judge:--map") return ;;
    "judge:--version-from") COMPREPLY=($(compgen -W "auto header: json: regex: body status envoy" -- "$current")); return ;;
    "judge:--alpha") return ;;
    "judge:--test") COMPREPLY=($(compgen -W "auto exact chi-square" -- "$current")); return ;;
    "judge:--tolerance") return ;;
    "judge:--max-errors") return ;;
    "judge:--inconclusive") COMPREPLY=($(compgen -W "fail pass" -- "$current")); return ;;
    "judge:--output"|"judge:-o") COMPREPLY=($(compgen -W "table wide json jsonl csv markdown junit tap html github prom" -- "$current")); return ;;
    "judge:--color") COMPREPLY=($(compgen -W "auto always never" -- "$current")); return ;;
    "plan:--expect") return ;;
    "plan:--route-file"|"plan:-f") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "plan:--route") return ;;
    "plan:--namespace") return ;;
    "plan:--detect") return ;;
    "plan:--requests"|"plan:-n") return ;;
    "plan:--tolerance") return ;;
    "plan:--power") return ;;
    "plan:--alpha") return ;;
    "plan:--output"|"plan:-o") COMPREPLY=($(compgen -W "table json" -- "$current")); return ;;
    "demo:--weights") return ;;
    "demo:--fault") COMPREPLY=($(compgen -W "none round-robin per-connection swapped lagging failing ignored unknown-version sticky" -- "$current")); return ;;
    "demo:--seed") return ;;
    "demo:--url"|"demo:-u") return ;;
    "demo:--requests"|"demo:-n") return ;;
    "demo:--concurrency"|"demo:-c") return ;;
    "demo:--duration"|"demo:-z") return ;;
    "demo:--rate"|"demo:-q") return ;;
    "demo:--timeout"|"demo:-t") return ;;
    "demo:--method"|"demo:-m") return ;;
    "demo:--header"|"demo:-H") return ;;
    "demo:--host") return ;;
    "demo:--body"|"demo:-d") return ;;
    "demo:--body-file"|"demo:-D") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "demo:--connect-to") return ;;
    "demo:--unix-socket") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "demo:--cacert") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "demo:--cert") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "demo:--key") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "demo:--sni") return ;;
    "demo:--connection-reuse") return ;;
    "demo:--session-header") return ;;
    "demo:--session-cookie") return ;;
    "demo:--session-requests") return ;;
    "demo:--expect") return ;;
    "demo:--route-file"|"demo:-f") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "demo:--route") return ;;
    "demo:--namespace") return ;;
    "demo:--labels") return ;;
    "demo:--envoy") return ;;
    "demo:--envoy-dump") COMPREPLY=($(compgen -f -- "$current")); return ;;
    "demo:--map") return ;;
    "demo:--version-from") COMPREPLY=($(compgen -W "auto header: json: regex: body status envoy" -- "$current")); return ;;
    "demo:--alpha") return ;;
    "demo:--test") COMPREPLY=($(compgen -W "auto exact chi-square" -- "$current")); return ;;
    "demo:--tolerance") return ;;
    "demo:--max-errors") return ;;
    "demo:--inconclusive") COMPREPLY=($(compgen -W "fail pass" -- "$current")); return ;;
    "demo:--wait-programmed") return ;;
    "demo:--output"|"demo:-o") COMPREPLY=($(compgen -W "table wide json jsonl csv markdown junit tap html github prom" -- "$current")); return ;;
    "demo:--color") COMPREPLY=($(compgen -W "auto always never" -- "$current")); return ;;
    esac
    case $command:$current in
    :-*) words="--url --requests --concurrency --duration --rate --timeout --method --header --host --body --body-file --connect-to --unix-socket --cacert --cert --key --insecure --sni --connection-reuse --session-header --session-cookie --session-requests --expect --route-file --route --namespace --labels --envoy --envoy-dump --map --version-from --alpha --test --tolerance --max-errors --inconclusive --early-stop --wait-programmed --output --quiet --no-progress --color --help" ;;
    :*) words="judge plan demo completion version help" ;;
    judge:-*) words="--expect --route-file --route --namespace --map --version-from --alpha --test --tolerance --max-errors --inconclusive --output --quiet --no-progress --color --help" ;;
    plan:-*) words="--expect --route-file --route --namespace --detect --requests --tolerance --power --alpha --output --help" ;;
    demo:-*) words="--weights --fault --seed --url --requests --concurrency --duration --rate --timeout --method --header --host --body --body-file --connect-to --unix-socket --cacert --cert --key --insecure --sni --connection-reuse --session-header --session-cookie --session-requests --expect --route-file --route --namespace --labels --envoy --envoy-dump --map --version-from --alpha --test --tolerance --max-errors --inconclusive --early-stop --wait-programmed --output --quiet --no-progress --color --help" ;;
    completion:-*) words="--help" ;;
    completion:*) words="bash zsh fish" ;;
    *) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _respy respy

# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of weir for fish.  What there is to choose from `weir complete` knows.

function __weir_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -e words[1]
    set -l lines (weir complete $words "$current" 2>/dev/null)
    switch "$lines[1]"
        case :files
            __fish_complete_path "$current"
        case :commands
            complete -C "$current"
        case '*'
            printf '%s\n' $lines
    end
end

complete -c weir -f -a '(__weir_complete)'

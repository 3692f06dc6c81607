_nanobot_words() {
    local word words=""
    for word in $1; do
        if [[ $3 == -* || $word != -* ]]; then
            words+=" $word"
        fi
    done
    compgen -W "${words:-$1}" -- "$3"
}

_nanobot() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="nanobot"
                ;;
            nanobot,access)
                cmd="nanobot__subcmd__access"
                ;;
            nanobot,agent)
                cmd="nanobot__subcmd__agent"
                ;;
            nanobot,completions)
                cmd="nanobot__subcmd__completions"
                ;;
            nanobot,config)
                cmd="nanobot__subcmd__config"
                ;;
            nanobot,doctor)
                cmd="nanobot__subcmd__doctor"
                ;;
            nanobot,explain)
                cmd="nanobot__subcmd__explain"
                ;;
            nanobot,gateway)
                cmd="nanobot__subcmd__gateway"
                ;;
            nanobot,help)
                cmd="nanobot__subcmd__help"
                ;;
            nanobot,login)
                cmd="nanobot__subcmd__login"
                ;;
            nanobot,logout)
                cmd="nanobot__subcmd__logout"
                ;;
            nanobot,queue)
                cmd="nanobot__subcmd__queue"
                ;;
            nanobot,service)
                cmd="nanobot__subcmd__service"
                ;;
            nanobot,setup)
                cmd="nanobot__subcmd__setup"
                ;;
            nanobot,status)
                cmd="nanobot__subcmd__status"
                ;;
            nanobot,store)
                cmd="nanobot__subcmd__store"
                ;;
            nanobot,verify)
                cmd="nanobot__subcmd__verify"
                ;;
            nanobot,worker)
                cmd="nanobot__subcmd__worker"
                ;;
            nanobot__subcmd__agent,ask)
                cmd="nanobot__subcmd__agent__subcmd__ask"
                ;;
            nanobot__subcmd__agent,check)
                cmd="nanobot__subcmd__agent__subcmd__check"
                ;;
            nanobot__subcmd__agent,help)
                cmd="nanobot__subcmd__agent__subcmd__help"
                ;;
            nanobot__subcmd__agent__subcmd__help,ask)
                cmd="nanobot__subcmd__agent__subcmd__help__subcmd__ask"
                ;;
            nanobot__subcmd__agent__subcmd__help,check)
                cmd="nanobot__subcmd__agent__subcmd__help__subcmd__check"
                ;;
            nanobot__subcmd__agent__subcmd__help,help)
                cmd="nanobot__subcmd__agent__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__config,edit)
                cmd="nanobot__subcmd__config__subcmd__edit"
                ;;
            nanobot__subcmd__config,get)
                cmd="nanobot__subcmd__config__subcmd__get"
                ;;
            nanobot__subcmd__config,help)
                cmd="nanobot__subcmd__config__subcmd__help"
                ;;
            nanobot__subcmd__config,list)
                cmd="nanobot__subcmd__config__subcmd__list"
                ;;
            nanobot__subcmd__config,path)
                cmd="nanobot__subcmd__config__subcmd__path"
                ;;
            nanobot__subcmd__config,schema)
                cmd="nanobot__subcmd__config__subcmd__schema"
                ;;
            nanobot__subcmd__config,set)
                cmd="nanobot__subcmd__config__subcmd__set"
                ;;
            nanobot__subcmd__config,show)
                cmd="nanobot__subcmd__config__subcmd__show"
                ;;
            nanobot__subcmd__config,unset)
                cmd="nanobot__subcmd__config__subcmd__unset"
                ;;
            nanobot__subcmd__config,validate)
                cmd="nanobot__subcmd__config__subcmd__validate"
                ;;
            nanobot__subcmd__config__subcmd__help,edit)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__edit"
                ;;
            nanobot__subcmd__config__subcmd__help,get)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__get"
                ;;
            nanobot__subcmd__config__subcmd__help,help)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__config__subcmd__help,list)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__list"
                ;;
            nanobot__subcmd__config__subcmd__help,path)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__path"
                ;;
            nanobot__subcmd__config__subcmd__help,schema)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__schema"
                ;;
            nanobot__subcmd__config__subcmd__help,set)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__set"
                ;;
            nanobot__subcmd__config__subcmd__help,show)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__show"
                ;;
            nanobot__subcmd__config__subcmd__help,unset)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__unset"
                ;;
            nanobot__subcmd__config__subcmd__help,validate)
                cmd="nanobot__subcmd__config__subcmd__help__subcmd__validate"
                ;;
            nanobot__subcmd__gateway,help)
                cmd="nanobot__subcmd__gateway__subcmd__help"
                ;;
            nanobot__subcmd__gateway,reload)
                cmd="nanobot__subcmd__gateway__subcmd__reload"
                ;;
            nanobot__subcmd__gateway__subcmd__help,help)
                cmd="nanobot__subcmd__gateway__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__gateway__subcmd__help,reload)
                cmd="nanobot__subcmd__gateway__subcmd__help__subcmd__reload"
                ;;
            nanobot__subcmd__help,access)
                cmd="nanobot__subcmd__help__subcmd__access"
                ;;
            nanobot__subcmd__help,agent)
                cmd="nanobot__subcmd__help__subcmd__agent"
                ;;
            nanobot__subcmd__help,completions)
                cmd="nanobot__subcmd__help__subcmd__completions"
                ;;
            nanobot__subcmd__help,config)
                cmd="nanobot__subcmd__help__subcmd__config"
                ;;
            nanobot__subcmd__help,doctor)
                cmd="nanobot__subcmd__help__subcmd__doctor"
                ;;
            nanobot__subcmd__help,explain)
                cmd="nanobot__subcmd__help__subcmd__explain"
                ;;
            nanobot__subcmd__help,gateway)
                cmd="nanobot__subcmd__help__subcmd__gateway"
                ;;
            nanobot__subcmd__help,help)
                cmd="nanobot__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__help,login)
                cmd="nanobot__subcmd__help__subcmd__login"
                ;;
            nanobot__subcmd__help,logout)
                cmd="nanobot__subcmd__help__subcmd__logout"
                ;;
            nanobot__subcmd__help,queue)
                cmd="nanobot__subcmd__help__subcmd__queue"
                ;;
            nanobot__subcmd__help,service)
                cmd="nanobot__subcmd__help__subcmd__service"
                ;;
            nanobot__subcmd__help,setup)
                cmd="nanobot__subcmd__help__subcmd__setup"
                ;;
            nanobot__subcmd__help,status)
                cmd="nanobot__subcmd__help__subcmd__status"
                ;;
            nanobot__subcmd__help,store)
                cmd="nanobot__subcmd__help__subcmd__store"
                ;;
            nanobot__subcmd__help,verify)
                cmd="nanobot__subcmd__help__subcmd__verify"
                ;;
            nanobot__subcmd__help,worker)
                cmd="nanobot__subcmd__help__subcmd__worker"
                ;;
            nanobot__subcmd__help__subcmd__agent,ask)
                cmd="nanobot__subcmd__help__subcmd__agent__subcmd__ask"
                ;;
            nanobot__subcmd__help__subcmd__agent,check)
                cmd="nanobot__subcmd__help__subcmd__agent__subcmd__check"
                ;;
            nanobot__subcmd__help__subcmd__config,edit)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__edit"
                ;;
            nanobot__subcmd__help__subcmd__config,get)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__get"
                ;;
            nanobot__subcmd__help__subcmd__config,list)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__list"
                ;;
            nanobot__subcmd__help__subcmd__config,path)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__path"
                ;;
            nanobot__subcmd__help__subcmd__config,schema)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__schema"
                ;;
            nanobot__subcmd__help__subcmd__config,set)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__set"
                ;;
            nanobot__subcmd__help__subcmd__config,show)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__show"
                ;;
            nanobot__subcmd__help__subcmd__config,unset)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__unset"
                ;;
            nanobot__subcmd__help__subcmd__config,validate)
                cmd="nanobot__subcmd__help__subcmd__config__subcmd__validate"
                ;;
            nanobot__subcmd__help__subcmd__gateway,reload)
                cmd="nanobot__subcmd__help__subcmd__gateway__subcmd__reload"
                ;;
            nanobot__subcmd__help__subcmd__queue,drop)
                cmd="nanobot__subcmd__help__subcmd__queue__subcmd__drop"
                ;;
            nanobot__subcmd__help__subcmd__queue,list)
                cmd="nanobot__subcmd__help__subcmd__queue__subcmd__list"
                ;;
            nanobot__subcmd__help__subcmd__queue,retry)
                cmd="nanobot__subcmd__help__subcmd__queue__subcmd__retry"
                ;;
            nanobot__subcmd__help__subcmd__queue,show)
                cmd="nanobot__subcmd__help__subcmd__queue__subcmd__show"
                ;;
            nanobot__subcmd__help__subcmd__service,install)
                cmd="nanobot__subcmd__help__subcmd__service__subcmd__install"
                ;;
            nanobot__subcmd__help__subcmd__service,print)
                cmd="nanobot__subcmd__help__subcmd__service__subcmd__print"
                ;;
            nanobot__subcmd__help__subcmd__service,status)
                cmd="nanobot__subcmd__help__subcmd__service__subcmd__status"
                ;;
            nanobot__subcmd__help__subcmd__service,uninstall)
                cmd="nanobot__subcmd__help__subcmd__service__subcmd__uninstall"
                ;;
            nanobot__subcmd__help__subcmd__store,export-keys)
                cmd="nanobot__subcmd__help__subcmd__store__subcmd__export__subcmd__keys"
                ;;
            nanobot__subcmd__help__subcmd__store,import-keys)
                cmd="nanobot__subcmd__help__subcmd__store__subcmd__import__subcmd__keys"
                ;;
            nanobot__subcmd__help__subcmd__store,reset)
                cmd="nanobot__subcmd__help__subcmd__store__subcmd__reset"
                ;;
            nanobot__subcmd__help__subcmd__store,status)
                cmd="nanobot__subcmd__help__subcmd__store__subcmd__status"
                ;;
            nanobot__subcmd__help__subcmd__verify,confirm)
                cmd="nanobot__subcmd__help__subcmd__verify__subcmd__confirm"
                ;;
            nanobot__subcmd__help__subcmd__verify,deny)
                cmd="nanobot__subcmd__help__subcmd__verify__subcmd__deny"
                ;;
            nanobot__subcmd__help__subcmd__verify,list)
                cmd="nanobot__subcmd__help__subcmd__verify__subcmd__list"
                ;;
            nanobot__subcmd__help__subcmd__verify,recovery)
                cmd="nanobot__subcmd__help__subcmd__verify__subcmd__recovery"
                ;;
            nanobot__subcmd__queue,drop)
                cmd="nanobot__subcmd__queue__subcmd__drop"
                ;;
            nanobot__subcmd__queue,help)
                cmd="nanobot__subcmd__queue__subcmd__help"
                ;;
            nanobot__subcmd__queue,list)
                cmd="nanobot__subcmd__queue__subcmd__list"
                ;;
            nanobot__subcmd__queue,retry)
                cmd="nanobot__subcmd__queue__subcmd__retry"
                ;;
            nanobot__subcmd__queue,show)
                cmd="nanobot__subcmd__queue__subcmd__show"
                ;;
            nanobot__subcmd__queue__subcmd__help,drop)
                cmd="nanobot__subcmd__queue__subcmd__help__subcmd__drop"
                ;;
            nanobot__subcmd__queue__subcmd__help,help)
                cmd="nanobot__subcmd__queue__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__queue__subcmd__help,list)
                cmd="nanobot__subcmd__queue__subcmd__help__subcmd__list"
                ;;
            nanobot__subcmd__queue__subcmd__help,retry)
                cmd="nanobot__subcmd__queue__subcmd__help__subcmd__retry"
                ;;
            nanobot__subcmd__queue__subcmd__help,show)
                cmd="nanobot__subcmd__queue__subcmd__help__subcmd__show"
                ;;
            nanobot__subcmd__service,help)
                cmd="nanobot__subcmd__service__subcmd__help"
                ;;
            nanobot__subcmd__service,install)
                cmd="nanobot__subcmd__service__subcmd__install"
                ;;
            nanobot__subcmd__service,print)
                cmd="nanobot__subcmd__service__subcmd__print"
                ;;
            nanobot__subcmd__service,status)
                cmd="nanobot__subcmd__service__subcmd__status"
                ;;
            nanobot__subcmd__service,uninstall)
                cmd="nanobot__subcmd__service__subcmd__uninstall"
                ;;
            nanobot__subcmd__service__subcmd__help,help)
                cmd="nanobot__subcmd__service__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__service__subcmd__help,install)
                cmd="nanobot__subcmd__service__subcmd__help__subcmd__install"
                ;;
            nanobot__subcmd__service__subcmd__help,print)
                cmd="nanobot__subcmd__service__subcmd__help__subcmd__print"
                ;;
            nanobot__subcmd__service__subcmd__help,status)
                cmd="nanobot__subcmd__service__subcmd__help__subcmd__status"
                ;;
            nanobot__subcmd__service__subcmd__help,uninstall)
                cmd="nanobot__subcmd__service__subcmd__help__subcmd__uninstall"
                ;;
            nanobot__subcmd__store,export-keys)
                cmd="nanobot__subcmd__store__subcmd__export__subcmd__keys"
                ;;
            nanobot__subcmd__store,help)
                cmd="nanobot__subcmd__store__subcmd__help"
                ;;
            nanobot__subcmd__store,import-keys)
                cmd="nanobot__subcmd__store__subcmd__import__subcmd__keys"
                ;;
            nanobot__subcmd__store,reset)
                cmd="nanobot__subcmd__store__subcmd__reset"
                ;;
            nanobot__subcmd__store,status)
                cmd="nanobot__subcmd__store__subcmd__status"
                ;;
            nanobot__subcmd__store__subcmd__help,export-keys)
                cmd="nanobot__subcmd__store__subcmd__help__subcmd__export__subcmd__keys"
                ;;
            nanobot__subcmd__store__subcmd__help,help)
                cmd="nanobot__subcmd__store__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__store__subcmd__help,import-keys)
                cmd="nanobot__subcmd__store__subcmd__help__subcmd__import__subcmd__keys"
                ;;
            nanobot__subcmd__store__subcmd__help,reset)
                cmd="nanobot__subcmd__store__subcmd__help__subcmd__reset"
                ;;
            nanobot__subcmd__store__subcmd__help,status)
                cmd="nanobot__subcmd__store__subcmd__help__subcmd__status"
                ;;
            nanobot__subcmd__verify,confirm)
                cmd="nanobot__subcmd__verify__subcmd__confirm"
                ;;
            nanobot__subcmd__verify,deny)
                cmd="nanobot__subcmd__verify__subcmd__deny"
                ;;
            nanobot__subcmd__verify,help)
                cmd="nanobot__subcmd__verify__subcmd__help"
                ;;
            nanobot__subcmd__verify,list)
                cmd="nanobot__subcmd__verify__subcmd__list"
                ;;
            nanobot__subcmd__verify,recovery)
                cmd="nanobot__subcmd__verify__subcmd__recovery"
                ;;
            nanobot__subcmd__verify__subcmd__help,confirm)
                cmd="nanobot__subcmd__verify__subcmd__help__subcmd__confirm"
                ;;
            nanobot__subcmd__verify__subcmd__help,deny)
                cmd="nanobot__subcmd__verify__subcmd__help__subcmd__deny"
                ;;
            nanobot__subcmd__verify__subcmd__help,help)
                cmd="nanobot__subcmd__verify__subcmd__help__subcmd__help"
                ;;
            nanobot__subcmd__verify__subcmd__help,list)
                cmd="nanobot__subcmd__verify__subcmd__help__subcmd__list"
                ;;
            nanobot__subcmd__verify__subcmd__help,recovery)
                cmd="nanobot__subcmd__verify__subcmd__help__subcmd__recovery"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        nanobot)
            opts="-v -h -V --config --json --verbose --help --version setup login logout config store queue access agent doctor explain gateway worker status service verify completions help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__access)
            opts="-v -h -V --room --mention --direct --why --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --room)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --why)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__agent)
            opts="-v -h -V --config --json --verbose --help --version ask check help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__agent__subcmd__ask)
            opts="-v -h -V --new --conversation --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --conversation)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__agent__subcmd__check)
            opts="-v -h -V --ask --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__agent__subcmd__help)
            opts="ask check help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__agent__subcmd__help__subcmd__ask)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__agent__subcmd__help__subcmd__check)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__agent__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__completions)
            opts="-v -h -V --config --json --verbose --help --version bash elvish fish powershell zsh"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config)
            opts="-v -h -V --config --json --verbose --help --version get set unset list show edit path validate schema help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__edit)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__get)
            opts="-v -h -V --default --reveal --config --json --verbose --help --version enabled homeserver userId accessToken deviceId password e2eeEnabled allowFrom groupPolicy groupAllowFrom allowRoomMentions followThreads answerReactions senderTrust allowPlaintextInEncryptedRooms displayName avatar greeting emptyRoomDays maxMediaBytes maxConcurrentMediaDownloads mediaRetentionDays mediaRetentionBytes conversationRetentionDays conversationRetentionBytes archiveRetentionDays archiveRetentionBytes syncStopGraceSeconds sasVerification streaming readReceipts reactionSeen reactionWorking reactionFailed undecryptableNoticeSeconds proxy tokenStore agent worker health sendProgress sendToolHints showReasoning agent.type agent.command agent.model agent.apiBase agent.apiKey agent.systemPrompt agent.servers"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --default)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help)
            opts="get set unset list show edit path validate schema help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__edit)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__get)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__path)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__schema)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__set)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__unset)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__help__subcmd__validate)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__list)
            opts="-v -h -V --set --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__path)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__schema)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__set)
            opts="-v -h -V --stdin --add --remove --text --allow-unknown --dry-run --config --json --verbose --help --version enabled homeserver userId accessToken deviceId password e2eeEnabled allowFrom groupPolicy groupAllowFrom allowRoomMentions followThreads answerReactions senderTrust allowPlaintextInEncryptedRooms displayName avatar greeting emptyRoomDays maxMediaBytes maxConcurrentMediaDownloads mediaRetentionDays mediaRetentionBytes conversationRetentionDays conversationRetentionBytes archiveRetentionDays archiveRetentionBytes syncStopGraceSeconds sasVerification streaming readReceipts reactionSeen reactionWorking reactionFailed undecryptableNoticeSeconds proxy tokenStore agent worker health sendProgress sendToolHints showReasoning agent.type agent.command agent.model agent.apiBase agent.apiKey agent.systemPrompt agent.servers"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                agent.type)
                    COMPREPLY=( $(compgen -W "echo command nanobot openai nats" -- "${cur}") )
                    return 0
                    ;;
                showReasoning)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                sendToolHints)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                sendProgress)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                health)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                worker)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                agent)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                tokenStore)
                    COMPREPLY=( $(compgen -W "file keyring" -- "${cur}") )
                    return 0
                    ;;
                proxy)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                undecryptableNoticeSeconds)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                reactionFailed)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                reactionWorking)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                reactionSeen)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                readReceipts)
                    COMPREPLY=( $(compgen -W "public private none" -- "${cur}") )
                    return 0
                    ;;
                streaming)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                sasVerification)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                syncStopGraceSeconds)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                archiveRetentionBytes)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                archiveRetentionDays)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                conversationRetentionBytes)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                conversationRetentionDays)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                mediaRetentionBytes)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                mediaRetentionDays)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                maxConcurrentMediaDownloads)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                maxMediaBytes)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                emptyRoomDays)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                greeting)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                avatar)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                displayName)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                allowPlaintextInEncryptedRooms)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                senderTrust)
                    COMPREPLY=( $(compgen -W "any signed verified" -- "${cur}") )
                    return 0
                    ;;
                answerReactions)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                followThreads)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                allowRoomMentions)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                groupAllowFrom)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                groupPolicy)
                    COMPREPLY=( $(compgen -W "open mention allowlist" -- "${cur}") )
                    return 0
                    ;;
                allowFrom)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                e2eeEnabled)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                password)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                deviceId)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                accessToken)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                userId)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                homeserver)
                    COMPREPLY=( $(compgen -W "" -- "${cur}") )
                    return 0
                    ;;
                enabled)
                    COMPREPLY=( $(compgen -W "true false" -- "${cur}") )
                    return 0
                    ;;
                --add)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --remove)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__show)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__unset)
            opts="-v -h -V --dry-run --config --json --verbose --help --version enabled homeserver userId accessToken deviceId password e2eeEnabled allowFrom groupPolicy groupAllowFrom allowRoomMentions followThreads answerReactions senderTrust allowPlaintextInEncryptedRooms displayName avatar greeting emptyRoomDays maxMediaBytes maxConcurrentMediaDownloads mediaRetentionDays mediaRetentionBytes conversationRetentionDays conversationRetentionBytes archiveRetentionDays archiveRetentionBytes syncStopGraceSeconds sasVerification streaming readReceipts reactionSeen reactionWorking reactionFailed undecryptableNoticeSeconds proxy tokenStore agent worker health sendProgress sendToolHints showReasoning agent.type agent.command agent.model agent.apiBase agent.apiKey agent.systemPrompt agent.servers"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__config__subcmd__validate)
            opts="-v -h -V --strict --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__doctor)
            opts="-q -v -h -V --format --quiet --strict --only --skip --list --offline --timeout --wait --live --fix --yes --redact --report --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --format)
                    COMPREPLY=($(compgen -W "text json junit github" -- "${cur}"))
                    return 0
                    ;;
                --only)
                    COMPREPLY=($(compgen -W "config config.present config.syntax config.values config.variables config.unknown-keys config.spelling config.permissions config.password config.comments secrets secrets.source secrets.keyring secrets.reboot config.login config.enabled store store.disk-space store.writable store.filesystem store.permissions store.reset store.present store.databases store.readable store.size store.archives store.version store.integrity store.copy homeserver homeserver.plain-http homeserver.proxy homeserver.dns homeserver.connect homeserver.tls homeserver.answers homeserver.account token token.shape token.refresh token.short-lived token.localpart token.soft-logout token.valid token.guest token.user token.device store.account homeserver.versions homeserver.certificate homeserver.well-known homeserver.software homeserver.media homeserver.latency homeserver.login-flows homeserver.upload-limit clock clock.skew device device.exists device.named device.siblings e2ee e2ee.keys-elsewhere e2ee.keys-replaced e2ee.keys-vanished e2ee.published e2ee.key-conflicts e2ee.one-time-keys e2ee.fallback-key e2ee.signature e2ee.identity e2ee.verified e2ee.recovery e2ee.disabled-rooms e2ee.undecryptable access access.audience access.open access.users access.group-rooms access.room-ids access.rooms access.invitations access.speak access.upgraded agent agent.configured agent.reachable agent.authorised agent.model gateway gateway.running gateway.version gateway.configuration gateway.sync gateway.ready gateway.errors gateway.backlog gateway.sending gateway.parked gateway.refusals live live.run live.one-time-key live.round-trip live.media doctor doctor.complete" -- "${cur}"))
                    return 0
                    ;;
                --skip)
                    COMPREPLY=($(compgen -W "config config.present config.syntax config.values config.variables config.unknown-keys config.spelling config.permissions config.password config.comments secrets secrets.source secrets.keyring secrets.reboot config.login config.enabled store store.disk-space store.writable store.filesystem store.permissions store.reset store.present store.databases store.readable store.size store.archives store.version store.integrity store.copy homeserver homeserver.plain-http homeserver.proxy homeserver.dns homeserver.connect homeserver.tls homeserver.answers homeserver.account token token.shape token.refresh token.short-lived token.localpart token.soft-logout token.valid token.guest token.user token.device store.account homeserver.versions homeserver.certificate homeserver.well-known homeserver.software homeserver.media homeserver.latency homeserver.login-flows homeserver.upload-limit clock clock.skew device device.exists device.named device.siblings e2ee e2ee.keys-elsewhere e2ee.keys-replaced e2ee.keys-vanished e2ee.published e2ee.key-conflicts e2ee.one-time-keys e2ee.fallback-key e2ee.signature e2ee.identity e2ee.verified e2ee.recovery e2ee.disabled-rooms e2ee.undecryptable access access.audience access.open access.users access.group-rooms access.room-ids access.rooms access.invitations access.speak access.upgraded agent agent.configured agent.reachable agent.authorised agent.model gateway gateway.running gateway.version gateway.configuration gateway.sync gateway.ready gateway.errors gateway.backlog gateway.sending gateway.parked gateway.refusals live live.run live.one-time-key live.round-trip live.media doctor doctor.complete" -- "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --report)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__explain)
            opts="-v -h -V --config --json --verbose --help --version config config.present config.syntax config.values config.variables config.unknown-keys config.spelling config.permissions config.password config.comments secrets secrets.source secrets.keyring secrets.reboot config.login config.enabled store store.disk-space store.writable store.filesystem store.permissions store.reset store.present store.databases store.readable store.size store.archives store.version store.integrity store.copy homeserver homeserver.plain-http homeserver.proxy homeserver.dns homeserver.connect homeserver.tls homeserver.answers homeserver.account token token.shape token.refresh token.short-lived token.localpart token.soft-logout token.valid token.guest token.user token.device store.account homeserver.versions homeserver.certificate homeserver.well-known homeserver.software homeserver.media homeserver.latency homeserver.login-flows homeserver.upload-limit clock clock.skew device device.exists device.named device.siblings e2ee e2ee.keys-elsewhere e2ee.keys-replaced e2ee.keys-vanished e2ee.published e2ee.key-conflicts e2ee.one-time-keys e2ee.fallback-key e2ee.signature e2ee.identity e2ee.verified e2ee.recovery e2ee.disabled-rooms e2ee.undecryptable access access.audience access.open access.users access.group-rooms access.room-ids access.rooms access.invitations access.speak access.upgraded agent agent.configured agent.reachable agent.authorised agent.model gateway gateway.running gateway.version gateway.configuration gateway.sync gateway.ready gateway.errors gateway.backlog gateway.sending gateway.parked gateway.refusals live live.run live.one-time-key live.round-trip live.media doctor doctor.complete"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__gateway)
            opts="-v -h -V --log-format --wait --check --listen --config --json --verbose --help --version reload help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --listen)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__gateway__subcmd__help)
            opts="reload help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__gateway__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__gateway__subcmd__help__subcmd__reload)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__gateway__subcmd__reload)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help)
            opts="setup login logout config store queue access agent doctor explain gateway worker status service verify completions help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__access)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__agent)
            opts="ask check"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__agent__subcmd__ask)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__agent__subcmd__check)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__completions)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config)
            opts="get set unset list show edit path validate schema"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__edit)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__get)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__path)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__schema)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__set)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__unset)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__config__subcmd__validate)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__doctor)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__explain)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__gateway)
            opts="reload"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__gateway__subcmd__reload)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__login)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__logout)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__queue)
            opts="list show retry drop"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__queue__subcmd__drop)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__queue__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__queue__subcmd__retry)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__queue__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__service)
            opts="install uninstall status print"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__service__subcmd__install)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__service__subcmd__print)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__service__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__service__subcmd__uninstall)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__setup)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__store)
            opts="status export-keys import-keys reset"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__store__subcmd__export__subcmd__keys)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__store__subcmd__import__subcmd__keys)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__store__subcmd__reset)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__store__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__verify)
            opts="list confirm deny recovery"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__verify__subcmd__confirm)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__verify__subcmd__deny)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__verify__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__verify__subcmd__recovery)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__help__subcmd__worker)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__login)
            opts="-y -v -h -V --homeserver --user --password-stdin --password-file --token-stdin --device-name --token-store --allow-http --allow-from --e2ee --no-e2ee --recovery-key-file --recovery-key-stdin --recovery-key-keyring --recovery --save-recovery-key --save-recovery-key-keyring --no-input --reset-identity --yes --status --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --homeserver)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --user)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --password-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --device-name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --token-store)
                    COMPREPLY=($(compgen -W "file keyring auto" -- "${cur}"))
                    return 0
                    ;;
                --allow-from)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --recovery-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --save-recovery-key)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__logout)
            opts="-y -v -h -V --keep-store --recovery-key-file --recovery-key-stdin --yes --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --recovery-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue)
            opts="-v -h -V --config --json --verbose --help --version list show retry drop help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__drop)
            opts="-v -h -V --all --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__help)
            opts="list show retry drop help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__help__subcmd__drop)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__help__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__help__subcmd__retry)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__help__subcmd__show)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__list)
            opts="-v -h -V --text --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__retry)
            opts="-v -h -V --all --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__queue__subcmd__show)
            opts="-v -h -V --text --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service)
            opts="-v -h -V --config --json --verbose --help --version install uninstall status print help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__help)
            opts="install uninstall status print help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__help__subcmd__install)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__help__subcmd__print)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__help__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__help__subcmd__uninstall)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__install)
            opts="-v -h -V --user --system --now --linger --dry-run --name --program --access-token-file --env-file --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --program)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --access-token-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__print)
            opts="-v -h -V --user --system --name --program --access-token-file --env-file --config --json --verbose --help --version systemd launchd"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --program)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --access-token-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__status)
            opts="-v -h -V --name --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__service__subcmd__uninstall)
            opts="-v -h -V --user --system --now --dry-run --name --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__setup)
            opts="-v -h -V --homeserver --user --password-stdin --password-file --token-stdin --device-name --token-store --allow-http --allow-from --e2ee --no-e2ee --recovery-key-file --recovery-key-stdin --recovery-key-keyring --recovery --save-recovery-key --save-recovery-key-keyring --no-input --no-recovery --sender-trust --agent --model --api-base --api-key-file --command --nats-server --display-name --avatar --no-greeting --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --homeserver)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --user)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --password-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --device-name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --token-store)
                    COMPREPLY=($(compgen -W "file keyring auto" -- "${cur}"))
                    return 0
                    ;;
                --allow-from)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --recovery-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --save-recovery-key)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --sender-trust)
                    COMPREPLY=($(compgen -W "any signed verified" -- "${cur}"))
                    return 0
                    ;;
                --agent)
                    COMPREPLY=($(compgen -W "echo command nanobot openai nats" -- "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --api-base)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --api-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --command)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --nats-server)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --display-name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --avatar)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__status)
            opts="-w -v -h -V --watch --ready --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store)
            opts="-v -h -V --config --json --verbose --help --version status export-keys import-keys reset help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__export__subcmd__keys)
            opts="-v -h -V --from --force --passphrase-stdin --passphrase-file --config --json --verbose --help --version"
            if [[ ${cur} == -* ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --from)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --passphrase-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -f -- "${cur}") )
            compopt -o filenames 2>/dev/null
            return 0
            ;;
        nanobot__subcmd__store__subcmd__help)
            opts="status export-keys import-keys reset help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__help__subcmd__export__subcmd__keys)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__help__subcmd__import__subcmd__keys)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__help__subcmd__reset)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__help__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__import__subcmd__keys)
            opts="-v -h -V --from --passphrase-stdin --passphrase-file --config --json --verbose --help --version"
            if [[ ${cur} == -* ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --from)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --passphrase-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -f -- "${cur}") )
            compopt -o filenames 2>/dev/null
            return 0
            ;;
        nanobot__subcmd__store__subcmd__reset)
            opts="-y -v -h -V --password-stdin --password-file --recovery-key-stdin --recovery-key-file --reset-identity --recovery --save-recovery-key-keyring --keep-old-device --force --dry-run --yes --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --password-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --recovery-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__store__subcmd__status)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify)
            opts="-v -h -V --device --config --json --verbose --help --version list confirm deny recovery help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --device)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__confirm)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__deny)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__help)
            opts="list confirm deny recovery help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__help__subcmd__confirm)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__help__subcmd__deny)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__help__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__help__subcmd__recovery)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__list)
            opts="-v -h -V --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__verify__subcmd__recovery)
            opts="-v -h -V --recovery-key-stdin --recovery-key-file --save-recovery-key-keyring --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --recovery-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
        nanobot__subcmd__worker)
            opts="-v -h -V --name --grace --print-permissions --log-format --config --json --verbose --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --name)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --grace)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(_nanobot_words "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _nanobot -o nosort nanobot
else
    complete -F _nanobot nanobot
fi

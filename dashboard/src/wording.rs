//! The words of the screen itself, each in both languages by construction.

use protocol::Label;

macro_rules! wording {
    ($($name:ident = $zh:literal, $en:literal;)+) => {
        $(pub(crate) const $name: Label = Label { zh: $zh, en: $en };)+

        #[cfg(test)]
        const ALL: &[Label] = &[$($name),+];
    };
}

wording! {
    // Modes. A drill's banner is never shortened.
    DRILL = "【演练·虚构】EXERCISE, FICTIONAL", "[EXERCISE, FICTIONAL]";
    LIVE = "■实战■", "== LIVE ==";
    TESTING = "[测试]", "[TEST]";
    REPLAY = "<<回放>>", "<<REPLAY>>";
    NODES = "节点", "nodes";
    CONNECTING = "连接中，尚无演练时钟", "connecting, no drill clock yet";
    RUNNING = "[>]", "[>]";
    PAUSED = "[=]暂停", "[=] paused";
    NOT_BEGUN = "[ ]未开始", "[ ] not begun";
    DRILL_OVER = "■演练结束■ Esc 返回，q 离开", "== DRILL OVER == Esc goes back, q leaves";
    NOTHING_IS_TAKEN = "演练已结束，不再受理", "the drill is over, nothing is taken any more";
    OVER = "[x]已结束", "[x] over";
    REFUSED_COUNT = "拒收", "refused";
    VOID_COUNT = "作废", "void";
    PLANS_ALIKE = "方案一致", "plans alike";
    PLANS_OTHERWISE = "另案", "otherwise";
    OBSERVER = "观察席", "observer";

    // Panes.
    PANE_QUEUE = "事件队列", "Incidents";
    PANE_RESOURCES = "资源", "Resources";
    PANE_TIMELINE = "时间线", "Timeline";
    PANE_LINKS = "链路", "Links";
    PANE_MAP = "态势图", "Map";
    PANE_AID = "增援", "Aid";
    PANE_DETAIL = "事件详情", "Incident";
    PANE_HELP = "帮助", "Help";
    NOTHING_YET = "暂无", "nothing yet";
    DEMO_DATA = "演示数据", "invented data";
    ROWS_MORE = "行以下", "more below";

    // Columns.
    COL_URGENCY = "紧急度", "Urgency";
    COL_LEVEL = "级别", "Level";
    COL_EVENT = "事件", "Event";
    COL_OFFICE = "城市", "City";
    COL_PLACE = "地点", "Place";
    COL_AGE = "历时", "Age";
    COL_COVER = "力量", "Units";
    COL_STAGE = "阶段", "Stage";
    COL_ALL = "队伍", "Units";

    // Detail.
    REPORTS = "报告", "Reports";
    NEEDS = "需求", "Needs";
    OFFERS = "答复", "offers";
    COMMITS = "调派", "commits";
    LEADER = "指挥", "lead";
    UNSETTLED = "指挥主体待明确", "lead not yet determined";
    OCCURRED = "事发", "occurred";
    KNOWN = "接报", "received";
    HOLD_UNTIL = "预留至", "held until";
    MISSING_UNITS = "缺", "short of";
    TO_STAND_BY = "前置", "to stand by";
    ARRIVED = "到场", "arrived";
    CUSTODY = "留存与办理", "Held and acted upon";
    RECEIVED_HERE = "本席已收", "received here";
    NOT_HERE = "本席未收", "not here";
    HELD_BRIEFLY = "存", "held";
    CAME_VIA = "来自", "came by";
    OWN_TOPIC = "作者的日志主题", "its author's topic";
    BY_STICK = "存储盘，导入单位", "memory stick, imported by";
    ACTED_UPON = "据此", "acted upon:";
    OBEYED = "已受令", "obeyed";

    // Links.
    BUS = "总线", "bus";
    UP = "通", "up";
    DOWN = "断链", "down";
    ONLINE = "在线", "online";
    OFFLINE = "断链", "offline";
    NEVER_HEARD = "未闻", "never";
    AGES_ARE_REAL = "历时为实时", "ages in real time";
    GAP = "缺", "missing";
    COMPLETE = "完整", "complete";

    // Timeline.
    OPENED = "首报", "opened";
    LEVEL_FROM = "定级", "level";
    ASKED = "请求增援", "asks for aid:";
    OFFERED = "答复", "offers";
    COMMITTED = "调派", "commits";
    RETURNED = "归建", "back home:";
    NOT_COMMITTED = "未能调派", "could not commit:";
    CUT = "断链", "link cut";
    HEALED = "链路恢复", "link restored";
    JOINED = "上线", "online";
    LEFT = "失去联系", "offline";
    WARNED = "预警", "warning";
    LIFTED = "解除预警", "warning lifted:";
    RESPONDS = "启动响应", "activates";
    ENDS_RESPONSE = "终止响应", "ends response:";
    HAZARD_OVER = "已过", "is over";
    RECALLED = "抽回", "recalls";

    // Form.
    FORM_TITLE = "接报", "New report";
    FIELD_PLACE = "地点*", "Place*";
    FIELD_EVENT = "类别*", "Event*";
    FIELD_TIME = "时间*", "Time*";
    FIELD_SEVERITY = "紧急度", "Urgency";
    FIELD_SUMMARY = "摘要", "Summary";
    FIELD_NEEDS = "需求", "Needs";
    NEEDS_HINT = "如：排涝车=2、医疗队=1x90m", "for example: pump=2, medical=1x90m";
    TIME_HINT = "演练时间，如 14:05", "drill time, for example 14:05";
    CHOICE_HINT = "左右键选择", "left and right choose";
    REQUIRED = "必填", "required";
    BAD_TIME = "时间写作 14:05，且不晚于现在", "write the time as 14:05, not ahead of now";
    BAD_NEED = "写作 种类=数量，如 排涝车=2 或 排涝车=2x90m", "write kind=quantity, as pump=2 or pump=2x90m";
    NO_SUCH_KIND = "无此种类的力量或物资", "nothing of that kind is lent";
    BAD_QUANTITY = "数量为 1 至 10000", "ask for 1 to 10000";
    TOO_LONG = "超过 160 字", "longer than 160 characters";
    PREVIEW = "核对后按回车发送，Esc 返回修改", "Enter sends this, Esc goes back to change it";
    FORM_KEYS = "Tab 下一项  回车 核对  Esc 取消  F2 English", "Tab next  Enter preview  Esc cancel  F2 Chinese";
    TO_OFFICE = "报至", "to";

    // Outcomes.
    SENT = "已发送，待回执", "sent, waiting for the answer";
    DONE = "已记录", "recorded";
    CLOCK_DONE = "已执行", "done";
    HELD_BY = "已存于", "held by";
    REFUSED = "未受理", "refused";
    UNANSWERED = "未答复", "no answer";
    MAY_NOT_WRITE = "本席只读：未以值班员身份登录", "this seat only reads: not signed in as an operator";
    MAY_NOT_DIRECT = "非导调席，不能控制时钟", "only the exercise director controls the clock";
    IN_REPLAY = "回放中不能操作", "nothing can be changed in a replay";
    NOBODY_TAKES_CALLS = "所辖单位均不接报", "none of this seat's offices takes calls";
    NO_CLOCK_TO_STEER = "尚无演练时钟", "no drill clock yet";
    NO_CLOCK_YET = "尚无演练时钟，时间不可定", "no drill clock yet, so no time can be given";

    // Questions.
    QUIT_TITLE = "退出", "Quit";
    END_ASK = "结束演练？将写出报告。  y 结束  n 返回", "End the drill? Its report is written.  y end  n stay";
    QUIT_ASK = "退出界面？演练照常进行。  y 退出  n 返回", "Leave the screen? The drill goes on.  y quit  n stay";
    TOO_SMALL = "窗口太小，需要", "window too small, need";
    NOW_IS = "现为", "have";

    // Legend.
    LEGEND_UNIT = "力量", "unit";
    LEGEND_AID = "增援", "aid";
    LEGEND_CLOSED = "封闭", "closed";
    LEGEND_STORM = "风暴中心", "storm centre";
    GUSTS = "米/秒", "m/s";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::width::{clean, width};

    #[test]
    fn every_word_of_the_screen_is_there_in_both_languages_and_harmless() {
        for label in ALL {
            for text in [label.zh, label.en] {
                assert!(width(text) > 0, "{label:?}");
                assert_eq!(clean(text), text, "{label:?}");
            }
        }
    }

    #[test]
    fn no_english_word_holds_chinese() {
        for label in ALL {
            assert!(label.en.is_ascii(), "{label:?}");
        }
    }
}
